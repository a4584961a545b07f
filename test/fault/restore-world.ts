/**
 * A small queue in a simulated file system, with a restore into it that stages by hand what an archive would hold: so the
 * whole of a restore after the archive was read can be cut off at every call.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { type CarryOutOptions, carryOut } from '../../src/journal/carry-out.ts';
import type { JournalEntry, JournalOwner } from '../../src/journal/journal.ts';
import { newQueueId } from '../../src/journal/naming.ts';
import { readReceipts } from '../../src/journal/receipts.ts';
import { stagedTime, writeStagedFile } from '../../src/journal/staged-file.ts';
import { Staging } from '../../src/journal/staging.ts';
import { ensureStateDirectory } from '../../src/journal/state-directory.ts';
import { submissionService } from '../../src/journal/submission.ts';
import { finishJournals } from '../../src/journal/unfinished.ts';
import type { Failure } from '../../src/journal/work.ts';
import type { Pace } from '../../src/pace.ts';
import { DEFAULT_LAYOUT, type QueueLayout, queueFilePath } from '../../src/queue/layout.ts';
import { parseQueueId } from '../../src/queue/queue-id.ts';
import {
  LOG_QUEUES,
  type LogQueueName,
  MESSAGE_QUEUES,
  type MessageQueueName,
  type QueueName,
} from '../../src/queue/queue-name.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../support/disk/tree.ts';

export const QUEUE_DIRECTORY = '/spool';
/** The simulated file system makes files as root; here root stands for mail_owner. */
const OWNER = { uid: 0, gid: 0 };
/** The time of the restore: that at which the simulated clock begins. */
export const NOW_NS = 1_700_000_000_000_000_000n;
export const HOUR_NS = 3_600_000_000_000n;
const DAY_NS = 24n * HOUR_NS;

export interface ArchivedMessage {
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  readonly content: string;
  readonly mtimeNs: bigint;
  readonly logs: readonly LogQueueName[];
}

/** One message of each kind that the order matters for. */
export const ARCHIVED: readonly ArchivedMessage[] = [
  {
    queueName: 'deferred',
    queueId: 'A00011F',
    content: 'deferred until later',
    mtimeNs: NOW_NS + HOUR_NS / 6n,
    logs: ['defer'],
  },
  {
    queueName: 'incoming',
    queueId: 'B00021F',
    content: 'incoming, long ago',
    mtimeNs: NOW_NS - 10n * DAY_NS,
    logs: [],
  },
  { queueName: 'maildrop', queueId: 'C00031F', content: 'in maildrop', mtimeNs: NOW_NS, logs: [] },
  {
    queueName: 'deferred',
    queueId: 'D00041F',
    content: 'deferred and due, bounced in part',
    mtimeNs: NOW_NS - HOUR_NS,
    logs: ['defer', 'bounce'],
  },
  {
    queueName: 'hold',
    queueId: 'E00051F',
    content: 'on hold, long ago',
    mtimeNs: NOW_NS - 9n * DAY_NS,
    logs: ['trace'],
  },
];

/** What stands in a log: it tells whose it is. */
export function logContent(content: string, queue: LogQueueName): string {
  return `${queue} log of: ${content}\n`;
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function fingerprintOf(message: ArchivedMessage): string {
  return Buffer.from(message.content.padEnd(32)).toString('hex').slice(0, 64);
}

/** A queue directory with mail of its own, all durable. The state directory is made by the restore. */
export function makeWorld(options: SimulationOptions = {}): SimulatedFileSystem {
  const fs = new SimulatedFileSystem(options);
  for (const queue of [...MESSAGE_QUEUES, ...LOG_QUEUES]) {
    makeDirectories(fs, join(QUEUE_DIRECTORY, queue), 0o700);
  }
  const mtimeNs = NOW_NS + 1000n * DAY_NS;
  putFile(fs, `${QUEUE_DIRECTORY}/deferred/A/A00015F`, { content: 'mail that was here', mode: 0o700, mtimeNs });
  putFile(fs, `${QUEUE_DIRECTORY}/defer/A/A00015F`, { content: 'its log', mode: 0o600 });
  fs.settle();
  return fs;
}

let names = 0;
const context = {
  queueDirectory: QUEUE_DIRECTORY,
  now: () => new Date(Number(NOW_NS / 1_000_000n)),
  randomName: () => {
    names += 1;
    return `r${names}`;
  },
};

/** So few that a restore of the sample goes through several batches. */
const BATCH = 2;
const SNAPSHOT = { snapshotId: 'test', into: 'queues', archive: 'test.tar.zst' } as const;

export interface RestoreSettings {
  /** What Postfix's configuration says now. */
  readonly layout?: QueueLayout;
  readonly enableLongQueueIds?: boolean;
  readonly messages?: readonly ArchivedMessage[];
  /** One message at a time, and so many hours until the next one. */
  readonly hoursBetween?: number;
  /** With it: three at a time, the last of the journal first. */
  readonly isReversed?: boolean;
  /** The submitter of what goes to maildrop. */
  readonly submitter?: JournalOwner;
}

/** What became of a restore. */
export interface RestoreOutcome {
  /** How many messages were staged. */
  readonly staged: number;
  /** How many an interrupted restore has lost; they are restored anew. */
  readonly lost: number;
  /** What is named in the result as failed, by its content. */
  readonly failed: ReadonlyMap<string, Failure>;
}

/** What the command does: finish what was cut off, then restore what no journal names. */
export async function runRestore(fs: FileSystem, settings: RestoreSettings = {}): Promise<RestoreOutcome> {
  const { messages = ARCHIVED, layout = DEFAULT_LAYOUT, enableLongQueueIds = false } = settings;
  ensureStateDirectory(fs, QUEUE_DIRECTORY, OWNER);
  const service = submissionService({ fs, queueDirectory: QUEUE_DIRECTORY, mailOwner: OWNER.uid });
  const submitters = settings.submitter === undefined ? {} : { submitters: { service, isProven: () => true } };
  const ground = { fs, queueDirectory: QUEUE_DIRECTORY, layout, enableLongQueueIds, ...submitters };
  const failed = new Map<string, Failure>();
  const { now, ...slowly } = timeOf(settings);
  const finished = await finishJournals({ ...ground, now, ...slowly, batchMessages: BATCH });
  for (const [fingerprint, one] of finished.messages) {
    if (one.kind === 'failed') {
      failed.set(contentOf(fingerprint, messages), one.failure);
    }
  }
  const receipts = readReceipts(fs, QUEUE_DIRECTORY, { anySender: false });
  for (const fingerprint of receipts.uncertain.keys()) {
    failed.set(contentOf(fingerprint, messages), { kind: 'uncertain' });
  }
  const isWanted = (message: ArchivedMessage): boolean => {
    const fingerprint = fingerprintOf(message);
    const isKnown = finished.messages.has(fingerprint);
    const sought = { queueName: message.queueName, fingerprint, submission: fingerprint, sender: '' };
    return !isKnown && receipts.find(sought) === undefined;
  };
  const wanted = messages.filter(isWanted);
  if (wanted.length === 0) {
    return { staged: 0, lost: finished.lost, failed };
  }
  const staging = stageAll(fs, wanted, { ...settings, layout });
  await carryOut({
    target: ground,
    journal: staging.journal,
    stagingDirectory: staging.directory,
    known: staging.known(),
    onDone: () => undefined,
    onFailed: ({ fingerprint }, failure) => failed.set(contentOf(fingerprint, messages), failure),
    now,
    ...slowly,
    batchMessages: BATCH,
  });
  return { staged: wanted.length, lost: finished.lost, failed };
}

/** A clock that goes only while a restore waits for the next turn. */
function timeOf({ hoursBetween, isReversed }: RestoreSettings): Pick<CarryOutOptions, 'now' | 'pace' | 'clock'> {
  if (hoursBetween === undefined) {
    return { now: context.now };
  }
  let hours = 0;
  const sleep = (): Promise<void> => {
    hours += hoursBetween;
    return Promise.resolve();
  };
  return {
    now: () => new Date(context.now().getTime() + hours * 3_600_000),
    pace: isReversed === true ? THREE : PACE,
    clock: { now: () => hours * 3_600_000, sleep },
  };
}

const PACE: Pace = { rate: { messages: 1, per: 'h' }, by: 'arrival' };
const THREE: Pace = { rate: { messages: 3, per: 's' }, by: 'arrival' };

function contentOf(fingerprint: string, messages: readonly ArchivedMessage[]): string {
  return messages.find((message) => fingerprintOf(message) === fingerprint)?.content ?? fingerprint;
}

function stageAll(
  fs: FileSystem,
  wanted: readonly ArchivedMessage[],
  settings: RestoreSettings & { readonly layout: QueueLayout },
): Staging {
  const staging = new Staging({ fs, ...context, layout: settings.layout, ...SNAPSHOT });
  try {
    for (const [index, message] of wanted.entries()) {
      staging.append(stageOne(fs, { directory: staging.directory, index, message, ...settings }));
    }
    staging.seal();
    return staging;
  } catch (error) {
    try {
      staging.discard();
    } catch {
      // The first error is the one to tell.
    }
    throw error;
  }
}

interface StageOne extends RestoreSettings {
  readonly directory: string;
  readonly index: number;
  readonly message: ArchivedMessage;
}

function stageOne(fs: FileSystem, { directory, index, message, submitter, isReversed }: StageOne): JournalEntry {
  const write = (kind: 'message' | LogQueueName, content: string) =>
    writeStagedFile(fs, { stagingDirectory: directory, index, kind, mtimeNs: message.mtimeNs, nowNs: NOW_NS }, [
      Buffer.from(content),
    ]);
  const file = write('message', message.content);
  const logs = message.logs.map((queue) => {
    const content = logContent(message.content, queue);
    const { staged, size } = write(queue, content);
    return { queueName: queue, from: staged, size, sha256: digestOf(content) };
  });
  const isSubmission = submitter !== undefined && message.queueName === 'maildrop';
  const stagedNs = stagedTime(message.mtimeNs, NOW_NS);
  return {
    queueName: message.queueName,
    queueId: message.queueId,
    fingerprint: fingerprintOf(message),
    newQueueName: message.queueName,
    newQueueId: naturalName(message, file.inode),
    from: file.staged,
    inode: file.inode,
    size: file.size,
    sha256: digestOf(message.content),
    mode: isSubmission ? 0o744 : 0o700,
    ...(stagedNs === message.mtimeNs ? {} : { times: { stagedNs, mtimeNs: message.mtimeNs } }),
    ...(isSubmission ? { owner: submitter } : {}),
    ...(isReversed === true ? { arrival: -index } : {}),
    logs,
  };
}

/** The name that a restored message gets when nothing is in its way. */
export function naturalName(message: ArchivedMessage, inode: bigint): string {
  const old = parseQueueId(message.queueId);
  if (old === undefined) {
    throw new Error(`no queue ID: ${message.queueId}`);
  }
  return newQueueId(old, { inode, enableLongQueueIds: false }, () => false).text;
}

/** Where Postfix looks for a queue file, relative to the queue directory. */
export function pathOf(queue: QueueName, queueId: string): string {
  const id = parseQueueId(queueId);
  if (id === undefined) {
    throw new Error(`no queue ID: ${queueId}`);
  }
  return queueFilePath(DEFAULT_LAYOUT, queue, id);
}
