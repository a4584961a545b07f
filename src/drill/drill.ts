/**
 * `drill`: an archive is restored into a queue directory that is made for it and removed after it, and what came out is
 * looked at. So a backup is known to be one that can be restored, before it has to be. No real queue is touched.
 */

import type { ArchiveLocation } from '../archive-location.ts';
import { clockAndChanceOf, randomNames } from '../clock-and-chance.ts';
import { OperatorError, SystemError } from '../errors.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { list } from '../inspect/list.ts';
import { type OperationControl, tellWarnings } from '../operation.ts';
import { type Account, SystemAccounts } from '../postfix/accounts.ts';
import { type ConfigurationOptions, type PostfixConfiguration, readConfiguration } from '../postfix/configuration.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../queue/queue-name.ts';
import type { MessageMapping, RestoreReport } from '../restore/options.ts';
import { restore } from '../restore/restore.ts';
import { isRoot } from '../rights/identity.ts';
import { proveFile } from './file-proof.ts';
import { askPostfix } from './postfix-judges.ts';
import { ThrowAwayQueue } from './throw-away-queue.ts';

export interface DrillOptions extends Omit<ConfigurationOptions, 'queueDirectory'> {
  readonly archive: ArchiveLocation;
  /** Where the queue directory is made; it takes the room of the queue. */
  readonly directory: string;
}

/** Something that would be wrong with the restored queue. */
export interface DrillProblem {
  /** Null where it is about the queue as a whole. */
  readonly queue_name: MessageQueueName | null;
  readonly queue_id: string | null;
  readonly reason: string;
}

export interface DrillReport {
  readonly snapshot_id: string;
  /** Whether nothing is wrong. */
  readonly ok: boolean;
  /** In the archive, those that left the queue meanwhile too. */
  readonly messages: number;
  readonly restored: number;
  readonly left: number;
  /** Files that were read again and compared. */
  readonly checked: number;
  /** The version of the Postfix that judged; null: none is installed, or the user is not root. */
  readonly judged_by: string | null;
  readonly problems: readonly DrillProblem[];
}

/**
 * Restores an archive for trial.
 *
 * @throws what a restore throws
 * @throws SystemError: the queue directory can't be made, or not removed
 */
export async function drill(options: DrillOptions, control: OperationControl = {}): Promise<DrillReport> {
  const { archive, directory, ...installation } = options;
  const configuration = configurationFor(directory, installation);
  tellWarnings(control, configuration.warnings);
  const queue = ThrowAwayQueue.create(nodeFileSystem, {
    directory,
    owner: ownerOf(configuration),
    now: clockAndChanceOf(control).now().getTime(),
    randomName: randomNames(clockAndChanceOf(control)),
  });
  try {
    return await restoreInto(queue, { archive, configuration }, control);
  } catch (error) {
    throw withoutRoom(error, directory);
  } finally {
    queue.remove();
  }
}

/** The drill's own directory stands for the queue: a machine without Postfix has no other. */
function configurationFor(directory: string, installation: ConfigurationOptions): PostfixConfiguration {
  try {
    return readConfiguration({ ...installation, queueDirectory: directory });
  } catch (error) {
    throw error instanceof OperatorError && error.code === 'not-found' && error.path === directory
      ? new OperatorError('not-found', `there is no directory ${directory} for the queue of the drill`, {
          path: directory,
          nextStep: 'Make it, or name another one.',
          cause: error,
        })
      : error;
  }
}

/** A drill restores all or nothing: a part of the messages is no way out. */
function withoutRoom(error: unknown, directory: string): unknown {
  return error instanceof SystemError && error.errno === 'ENOSPC'
    ? new SystemError('io', error.message, {
        path: directory,
        errno: error.errno,
        nextStep: `Make room in ${directory}, or name a directory that has more.`,
        cause: error,
      })
    : error;
}

function ownerOf({ mailOwner }: PostfixConfiguration): Account {
  const { getuid, getgid } = process;
  return isRoot() || getuid === undefined || getgid === undefined
    ? new SystemAccounts().mailOwner(mailOwner)
    : { uid: getuid(), gid: getgid() };
}

interface Trial {
  readonly archive: ArchiveLocation;
  readonly configuration: PostfixConfiguration;
}

/** What decides where a file goes, and whose it is. */
const CARRIED = [
  'mail_owner',
  'setgid_group',
  'hash_queue_names',
  'hash_queue_depth',
  'enable_long_queue_ids',
] as const;

async function restoreInto(queue: ThrowAwayQueue, trial: Trial, control: OperationControl): Promise<DrillReport> {
  const { archive, configuration } = trial;
  const overrides = Object.fromEntries(CARRIED.map((name) => [name, configuration.parameters[name]]));
  const placed = new Map<string, MessageMapping>();
  const report = await restore(
    {
      archive,
      queueDirectory: queue.queueDirectory,
      overrides,
      // Else nothing of corrupt and saved is restored.
      queues: MESSAGE_QUEUES,
      onMapping: (mapping) => placed.set(`${mapping.queue_name}/${mapping.queue_id}`, mapping),
    },
    control,
  );
  const looked = await look(queue, { ...trial, placed }, control);
  const judged = await judge(queue, { configuration, overrides }, looked);
  // A signal to the whole group has ended Postfix's commands, too: what they said is no judgement.
  control.signal?.throwIfAborted();
  return reportOf(report, { ...looked, problems: [...looked.problems, ...judged.problems] }, judged.by);
}

interface Looked {
  readonly checked: number;
  readonly problems: readonly DrillProblem[];
  readonly files: readonly { readonly path: string; readonly queueName: MessageQueueName }[];
}

/** Reads each restored file again, by the catalogue. */
async function look(
  queue: ThrowAwayQueue,
  { archive, configuration, placed }: Trial & { readonly placed: ReadonlyMap<string, MessageMapping> },
  control: OperationControl,
): Promise<Looked> {
  const where = { fs: nodeFileSystem, queueDirectory: queue.queueDirectory, layout: configuration.layout };
  const problems: DrillProblem[] = [];
  const files: { readonly path: string; readonly queueName: MessageQueueName }[] = [];
  await list(
    {
      archive,
      onMessage: ({ queue_name, queue_id, sha256, state }) => {
        const mapping = placed.get(`${queue_name}/${queue_id}`);
        const { new_queue_name: queueName = null, new_queue_id: queueId = null } = mapping ?? {};
        if (mapping?.action === 'restored' && queueName !== null && queueId !== null) {
          const { path, fault } = proveFile({ queueName, queueId, sha256 }, where);
          files.push({ path, queueName });
          problems.push(...(fault === undefined ? [] : [{ queue_name, queue_id, reason: fault }]));
        } else if (state === 'queued') {
          problems.push({ queue_name, queue_id, reason: `it was not restored: ${mapping?.reason?.code ?? 'missing'}` });
        }
      },
    },
    control,
  );
  return { checked: files.length, problems, files };
}

/** Only root may ask postsuper(1). */
async function judge(
  queue: ThrowAwayQueue,
  { configuration, overrides }: { configuration: PostfixConfiguration; overrides: Record<string, string> },
  { files }: Looked,
): Promise<{ readonly by: string | null; readonly problems: readonly DrillProblem[] }> {
  if (configuration.mailVersion === '' || !isRoot()) {
    return { by: null, problems: [] };
  }
  queue.configure({ compatibility_level: releaseOf(configuration.mailVersion), ...overrides });
  const read = files.filter(({ queueName }) => queueName !== 'corrupt' && queueName !== 'saved');
  const said = await askPostfix({
    fs: nodeFileSystem,
    configDirectory: queue.configDirectory,
    paths: read.map(({ path }) => path),
    listed: read.length,
  });
  const problems = said.map((reason) => ({ queue_name: null, queue_id: null, reason }));
  return { by: configuration.mailVersion, problems };
}

/** Below it, commands of Postfix 3.11 complain on stderr of settings that have another default now. */
function releaseOf(mailVersion: string): string {
  return /^\d+\.\d+/u.exec(mailVersion)?.[0] ?? '2';
}

function reportOf(
  { snapshot_id, restored, left, archive }: RestoreReport,
  { checked, problems }: Looked,
  judgedBy: string | null,
): DrillReport {
  const ok = problems.length === 0;
  return { snapshot_id, ok, messages: archive.messages, restored, left, checked, judged_by: judgedBy, problems };
}
