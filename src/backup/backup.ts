/** `backup`: a snapshot of a queue directory, running or stopped, as an archive. */

import { openOutput } from '../archive/archive-output.ts';
import { packageVersion } from '../archive/version.ts';
import { archiveLocation } from '../archive-location.ts';
import { type ClockAndChance, clockAndChanceOf, randomNames } from '../clock-and-chance.ts';
import type { Header } from '../format/header.ts';
import { FORMAT_VERSION } from '../format/limits.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { leftAs, type OperationControl, tellWarnings } from '../operation.ts';
import { compileSelection } from '../plan/selection.ts';
import { type PostfixConfiguration, readConfiguration } from '../postfix/configuration.ts';
import { otherInstances } from '../postfix/instances.ts';
import { refuseSetUid } from '../rights/identity.ts';
import { runAsOwner } from '../rights/run-as-owner.ts';
import { queueOwner } from '../spool/queue-owner.ts';
import { defaultWorkers } from '../worker/pool.ts';
import { backupWork } from './backup-work.ts';
import { refuseWithinQueue } from './check-output.ts';
import type { BackupOptions, BackupReport } from './options.ts';
import { RootsFiles } from './roots-files.ts';
import { isPostfixStopped } from './stopped.ts';

export type { BackupOptions, BackupReport } from './options.ts';

const DEFAULT_LEVEL = 3;
/** As postmulti(1) writes the primary instance. */
const PRIMARY_INSTANCE = '-';

/**
 * Takes a snapshot. The queue is only read, without locks. As root it is read by a process of the owner of the `incoming`
 * directory, by number: whoever took over that account can't lead root elsewhere. Root opens the archive and gives it its
 * name.
 *
 * @throws OperatorError `not-found`: there is no queue; `output-exists`; `not-permitted`
 * @throws what reading the configuration throws
 * @throws SystemError: no archive was written
 * @throws InterruptedError: no archive was written
 */
export function backup(options: BackupOptions, control: OperationControl = {}): Promise<BackupReport> {
  return leftAs('no-archive', () => backUpAsOwner(options, control));
}

async function backUpAsOwner(options: BackupOptions, control: OperationControl): Promise<BackupReport> {
  refuseSetUid();
  const fs = nodeFileSystem;
  // What is wrong with it is told before anything is made.
  await compileSelection(options.selection ?? {}, 0);
  const configuration = readConfiguration(options);
  const { queueDirectory } = configuration;
  const header = headerOf(configuration, clockAndChanceOf(control));
  const location = archiveLocation(options.archive);
  refuseWithinQueue(fs, location, queueDirectory);
  const randomName = randomNames(clockAndChanceOf(control));
  const output = await openOutput(fs, location, { randomName, control });
  try {
    const owner = queueOwner(fs, queueDirectory);
    tellWarnings(control, configuration.warnings);
    const workers = options.workers ?? defaultWorkers();
    const rootsFiles = new RootsFiles();
    const report = await runAsOwner(backupWork, {
      setup: {
        configuration,
        header,
        workers,
        level: options.level ?? DEFAULT_LEVEL,
        queues: options.queues,
        selection: options.selection,
        isStopped: isPostfixStopped(queueDirectory),
      },
      owner,
      queueDirectory,
      files: [output.draftFd],
      output,
      readers: workers,
      control,
      onRootsFile: (path) => rootsFiles.note(path),
    });
    if (output.draftPath !== undefined) {
      await options.prove?.(output.draftPath);
    }
    output.publish();
    rootsFiles.warn(control, { owner: configuration.mailOwner, queueDirectory });
    const archive = location.kind === 'file' ? location.path : null;
    const others = options.queueDirectory === undefined ? otherInstances(configuration.configDirectory) : [];
    return {
      archive,
      archive_bytes: output.bytesWritten,
      queue_directory: queueDirectory,
      instance: header.instance,
      other_instances: others,
      ...report,
    };
  } finally {
    output.close();
  }
}

function headerOf(configuration: PostfixConfiguration, { now, uuid }: ClockAndChance): Header {
  const { myhostname, mailVersion, queueDirectory, parameters } = configuration;
  return {
    format: FORMAT_VERSION,
    snapshot_id: uuid(),
    started: now().toISOString(),
    myhostname,
    instance: parameters.multi_instance_name === '' ? PRIMARY_INSTANCE : parameters.multi_instance_name,
    mail_version: mailVersion,
    queue_directory: queueDirectory,
    parameters,
    postsnap_version: packageVersion(),
  };
}
