/** `restore`: puts the messages of an archive into a queue that may hold mail. */

import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { ArchiveSource } from '../archive/archive-source.ts';
import { nameOf, openArchiveSource } from '../archive/open-archive.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import { clockAndChanceOf } from '../clock-and-chance.ts';
import { OperatorError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { openUnnamedFile } from '../fs/unnamed-file.ts';
import { leftAs, type OperationControl } from '../operation.ts';
import { compileSelection } from '../plan/selection.ts';
import { type Account, SystemAccounts } from '../postfix/accounts.ts';
import { type PostfixConfiguration, readConfiguration } from '../postfix/configuration.ts';
import { isPostfixRunning } from '../postfix/running.ts';
import { readServices } from '../postfix/services.ts';
import { refuseOthers, refuseSetUid } from '../rights/identity.ts';
import { runAsOwner } from '../rights/run-as-owner.ts';
import { queueOwner } from '../spool/queue-owner.ts';
import type { RestoreOptions, RestoreReport } from './options.ts';
import { type RestoreRow, restoreWork } from './restore-work.ts';

/**
 * Restores the messages of an archive into a queue that may hold mail, and may be in use. Nothing that is there is
 * overwritten; every message becomes visible to Postfix whole, once. Cut off at any point, the same call goes on.
 *
 * As root the archive is opened, and no more: a process of mail_owner's reads it and works in the queue.
 *
 * @returns what became of the messages: the counts add up to the number of messages in the archive
 * @throws ArchiveError: it is damaged, not complete, hostile or of an unknown version: the queue was not touched
 * @throws OperatorError: the configuration, a missing directory, missing rights
 * @throws BusyError: another postsnap works on this queue directory
 * @throws SystemError: the system refused a call; the message says whether the same call goes on
 * @throws InterruptedError: by the control's signal
 */
export function restore(options: RestoreOptions, control: OperationControl = {}): Promise<RestoreReport> {
  return leftAs('untouched', () => restoreAsOwner(options, control));
}

async function restoreAsOwner(options: RestoreOptions, control: OperationControl): Promise<RestoreReport> {
  refuseSetUid();
  const fs = nodeFileSystem;
  const configuration = readConfiguration(options);
  const owner = new SystemAccounts().mailOwner(configuration.mailOwner);
  const { queueDirectory } = configuration;
  // Refused at once, and not after an hour's work.
  refuseOthers(owner);
  refuseForeignQueue(fs, queueDirectory, { name: configuration.mailOwner, ...owner });
  const { onMapping, onPlan, ...plain } = options;
  const now = clockAndChanceOf(control).now().getTime() / 1000;
  // What makes no sense is refused before the archive is looked at.
  await compileSelection(options.selection ?? {}, now);
  const location = archiveLocation(options.archive);
  const archive = await openArchiveSource(location, control);
  const onRow = (row: RestoreRow): void => {
    if ('mapping' in row) {
      onMapping?.(row.mapping);
    } else {
      onPlan?.(row.outset);
    }
  };
  const running = isRunning(options, configuration);
  const logs: OpenedLog[] = [];
  const drafts = options.salvage === true ? [openUnnamed(fs), openUnnamed(fs)] : [];
  try {
    for (const log of options.sinceLog ?? []) {
      logs.push(await openLog(archiveLocation(log), control));
    }
    return await runAsOwner(restoreWork, {
      setup: {
        options: { ...plain, archive: absolute(location) },
        configuration,
        archiveName: nameOf(location),
        logNames: logs.map(({ name }) => name),
        now,
        running,
        services: servicesOf(options, configuration),
      },
      owner,
      queueDirectory,
      files: [archive.origin.fd, ...drafts, ...logs.map(({ source }) => source.origin.fd)],
      control,
      onRow,
    });
  } finally {
    for (const fd of drafts) {
      fs.close(fd);
    }
    for (const { source } of logs) {
      source.close();
    }
    archive.close();
  }
}

/** The process of mail_owner's works in another directory. */
function absolute(location: ArchiveLocation): ArchiveLocation {
  return location.kind === 'file' ? { ...location, path: resolve(location.path) } : location;
}

interface OpenedLog {
  readonly name: string;
  readonly source: ArchiveSource;
}

/** With the caller's rights: mail_owner can't read it. */
async function openLog(location: ArchiveLocation, control: OperationControl): Promise<OpenedLog> {
  return { name: nameOf(location), source: await openArchiveSource(location, { ...control, what: 'mail log' }) };
}

/** What is intact of a damaged archive goes there. */
function openUnnamed(fs: FileSystem): number {
  return openUnnamedFile(fs, tmpdir());
}

/**
 * Whatever is made in a queue that is not mail_owner's, Postfix could not use.
 *
 * @throws OperatorError `not-found`: it is no queue directory; `configuration`
 */
function refuseForeignQueue(fs: FileSystem, queueDirectory: string, owner: Account & { readonly name: string }): void {
  const { uid } = queueOwner(fs, queueDirectory);
  if (uid !== owner.uid) {
    const message = `${queueDirectory} is the queue of uid ${uid}, and not of mail_owner ${owner.name} (uid ${owner.uid})`;
    throw new OperatorError('configuration', message, {
      path: queueDirectory,
      nextStep: 'Name its owner with -o mail_owner=NAME or NUMBER, or its configuration with -c.',
    });
  }
}

/** Asked with the rights of the caller. Those of the configuration work on its queue, and on no other. */
function servicesOf(
  { queueDirectory: named }: RestoreOptions,
  { configDirectory, parameters }: PostfixConfiguration,
): readonly string[] | undefined {
  return named !== undefined || configDirectory === undefined
    ? undefined
    : readServices(configDirectory, parameters.master_service_disable);
}

/**
 * Whether Postfix works on the queue; undefined where it can't be told. Asked with the rights of the caller: mail_owner can't
 * open the lock file.
 */
function isRunning(
  { queueDirectory: named }: RestoreOptions,
  { queueDirectory, configDirectory }: PostfixConfiguration,
): boolean | undefined {
  // The master of the configuration works on the queue of the configuration, and on no other.
  return isPostfixRunning({ queueDirectory, configDirectory: named === undefined ? configDirectory : undefined })
    ?.running;
}
