/** Restores an archive: plan, stage, carry out. */

import { archiveLocation } from '../archive-location.ts';
import { OperatorError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { ensureStateDirectory } from '../journal/state-directory.ts';
import { type SubmissionService, submissionService } from '../journal/submission.ts';
import type { OperationControl } from '../operation.ts';
import { compileSelection } from '../plan/selection.ts';
import { type Account, systemAccounts } from '../postfix/accounts.ts';
import { readConfiguration } from '../postfix/configuration.ts';
import { asOwner, asOwnerUntil, asRoot, isRoot, refuseSetUid } from '../postfix/privileges.ts';
import { queueOwner } from '../spool/queue-owner.ts';
import type { RestoreOptions, RestoreReport } from './options.ts';
import { rehearse } from './rehearsal.ts';
import { restoreAll } from './restore-all.ts';
import { openSource } from './restored-archive.ts';
import { type RestoreSession, systemEnvironment, warn } from './session.ts';
import { openStagePool } from './stage-pool.ts';

/**
 * Restores the messages of an archive into a queue that may hold mail, and may be in use. Nothing that is there is
 * overwritten; every message becomes visible to Postfix whole, once. Cut off at any point, the same call goes on.
 *
 * @returns what became of the messages: the counts add up to the number of messages in the archive
 * @throws ArchiveError it is damaged, not complete, hostile or of an unknown version: the queue was not touched
 * @throws OperatorError the configuration, a missing directory, missing rights
 * @throws BusyError another postsnap works on this queue directory
 * @throws SystemError the system refused a call; the message says whether the same call goes on
 * @throws InterruptedError by the control's signal
 */
export async function restore(options: RestoreOptions, control: OperationControl = {}): Promise<RestoreReport> {
  refuseSetUid();
  const fs = nodeFileSystem;
  const configuration = readConfiguration(options);
  const accounts = systemAccounts();
  const owner = accounts.mailOwner(configuration.mailOwner);
  // Refused at once, and not after an hour's work.
  asOwner(owner, () => undefined);
  const { parameters, queueDirectory } = configuration;
  refuseForeignQueue(fs, queueDirectory, { name: configuration.mailOwner, ...owner });
  // Whatever code it needs is loaded now, with the rights of the caller.
  const selection = await compileSelection(options.selection ?? {}, Date.now() / 1000);
  const { archive, lost, unaccountedBytes, warnings } = await openSource(
    archiveLocation(options.archive),
    { salvage: options.salvage === true },
    control,
  );
  // The threads load their code now: mail_owner may not be able to read it.
  const pool = await openStagePool(archive, {
    workers: options.workers,
    signal: control.signal,
    limits: {
      lineLengthLimit: Number(parameters.line_length_limit),
      attributeCountLimit: Number(parameters.queue_file_attribute_count_limit),
    },
  });
  const session: RestoreSession = {
    fs,
    archive,
    lost,
    unaccountedBytes,
    options,
    selection,
    control,
    configuration,
    accounts,
    ...systemEnvironment(),
    ...(isRoot() && isRootsAlone(fs, queueDirectory)
      ? { submissions: submissionsAsRoot(submissionService({ fs, queueDirectory, mailOwner: owner.uid })) }
      : {}),
    warnings: [],
  };
  for (const warning of warnings) {
    warn(session, warning);
  }
  try {
    if (options.dryRun === true) {
      return await asOwnerUntil(owner, () => rehearse(session, pool));
    }
    makeStateDirectory(fs, queueDirectory, owner);
    return await asOwnerUntil(owner, () => restoreAll(session, pool));
  } finally {
    await pool.close();
    archive.close();
  }
}

/**
 * Whatever is made in a queue that is not mail_owner's, Postfix could not use.
 *
 * @throws OperatorError 'not-found' if it is no queue directory, 'configuration'
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

/** Each request with root's rights, and back. */
function submissionsAsRoot(service: SubmissionService): SubmissionService {
  return {
    give: (request) => asRoot(() => service.give(request)),
    setTime: (request) => asRoot(() => service.setTime(request)),
    tryToGive: (name, owner) => asRoot(() => service.tryToGive(name, owner)),
  };
}

/** Root makes it only where nobody else can put something in its place. */
function makeStateDirectory(fs: FileSystem, queueDirectory: string, owner: Account): void {
  const make = (): void => ensureStateDirectory(fs, queueDirectory, owner);
  if (isRootsAlone(fs, queueDirectory)) {
    make();
  } else {
    asOwner(owner, make);
  }
}
