/**
 * A small queue in a simulated file system, with a restore into it that stages by hand what an archive would hold: so the
 * whole of a restore after the archive was read can be cut off at every call.
 */

import { join } from 'node:path';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { DEFAULT_LAYOUT, queueFilePath } from '../../src/queue/layout.ts';
import { parseQueueId } from '../../src/queue/queue-id.ts';
import type { MessageQueueName } from '../../src/queue/queue-name.ts';
import { LOG_QUEUES, MESSAGE_QUEUES, type QueueName } from '../../src/queue/queue-name.ts';
import { carryOut } from '../../src/restore/carry-out.ts';
import { finishPending, readReceipts } from '../../src/restore/pending.ts';
import { beginStaging } from '../../src/restore/staging.ts';
import type { JournalEntry } from '../../src/spool/journal.ts';
import { newQueueId } from '../../src/spool/naming.ts';
import { writeStagedFile } from '../../src/spool/staged-file.ts';
import { ensureStateDirectory } from '../../src/spool/state-directory.ts';
import { SimulatedFileSystem, type SimulationOptions } from './simulated-file-system.ts';
import { makeDirectories, putFile, snapshotTree, type TreeEntry } from './tree.ts';

export const QUEUE_DIRECTORY = '/spool';
export const OWNER = { uid: 0, gid: 0 };
const NOW_NS = 1_700_000_000_000_000_000n;
const DAY_NS = 86_400_000_000_000n;

export interface ArchivedMessage {
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  readonly content: string;
  readonly mtimeNs: bigint;
  readonly defer?: string;
}

/** What the restore is of: one message of each kind that the order matters for. */
export const ARCHIVED: readonly ArchivedMessage[] = [
  {
    queueName: 'deferred',
    queueId: 'A00011F',
    content: 'a deferred message',
    mtimeNs: NOW_NS + 600n * 1_000_000_000n,
    defer: '<a@example.com>: later\n',
  },
  { queueName: 'incoming', queueId: 'B00021F', content: 'an incoming message', mtimeNs: NOW_NS - DAY_NS },
  { queueName: 'maildrop', queueId: 'C00031F', content: 'a maildrop message', mtimeNs: NOW_NS },
];

export function fingerprintOf(message: ArchivedMessage): string {
  return Buffer.from(message.content.padEnd(32)).toString('hex').slice(0, 64);
}

/** A queue directory with mail of its own, all durable. */
export function makeWorld(options: SimulationOptions = {}): SimulatedFileSystem {
  const fs = new SimulatedFileSystem(options);
  for (const queue of [...MESSAGE_QUEUES, ...LOG_QUEUES]) {
    makeDirectories(fs, join(QUEUE_DIRECTORY, queue), 0o700);
  }
  putFile(fs, `${QUEUE_DIRECTORY}/deferred/A/A00015F`, { content: 'mail that was here', mode: 0o700 });
  putFile(fs, `${QUEUE_DIRECTORY}/defer/A/A00015F`, { content: 'its log', mode: 0o600 });
  ensureStateDirectory(fs, QUEUE_DIRECTORY, OWNER);
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

/** What the command does: finish what was cut off, then restore what no journal names. Returns how many were staged. */
export async function runRestore(fs: FileSystem): Promise<number> {
  await finishPending({ fs, ...context });
  const receipts = readReceipts(fs, QUEUE_DIRECTORY);
  const wanted = ARCHIVED.filter((message) => !receipts.has(fingerprintOf(message)));
  if (wanted.length === 0) {
    return 0;
  }
  const staging = beginStaging({ fs, ...context, layout: DEFAULT_LAYOUT, snapshotId: 'test' });
  try {
    for (const [index, message] of wanted.entries()) {
      staging.append(stageOne(fs, staging.directory, { index, message }));
    }
    staging.seal();
  } catch (error) {
    staging.discard();
    throw error;
  }
  const target = { fs, queueDirectory: QUEUE_DIRECTORY, layout: DEFAULT_LAYOUT, stagingDirectory: staging.directory };
  await carryOut({ target, journal: staging.journal, moves: new Map(), onDone: () => undefined, now: context.now });
  return wanted.length;
}

function stageOne(
  fs: FileSystem,
  stagingDirectory: string,
  { index, message }: { index: number; message: ArchivedMessage },
): JournalEntry {
  const write = (kind: 'message' | 'defer', content: string) =>
    writeStagedFile(fs, { stagingDirectory, index, kind, mtimeNs: message.mtimeNs, nowNs: NOW_NS }, [
      Buffer.from(content),
    ]);
  const file = write('message', message.content);
  const log = message.defer === undefined ? undefined : write('defer', message.defer);
  return {
    queue_name: message.queueName,
    queue_id: message.queueId,
    fingerprint: fingerprintOf(message),
    new_queue_name: message.queueName,
    new_queue_id: newIdOf(message, file.inode),
    staged: file.staged,
    inode: file.inode,
    size: file.size,
    mode: 0o700,
    ...(message.mtimeNs < NOW_NS - DAY_NS / 2n ? { mtimeNs: message.mtimeNs } : {}),
    logs: log === undefined ? [] : [{ queue_name: 'defer', staged: log.staged, inode: log.inode }],
  };
}

function newIdOf(message: ArchivedMessage, inode: bigint): string {
  const old = parseQueueId(message.queueId);
  if (old === undefined) {
    throw new Error(`no queue ID: ${message.queueId}`);
  }
  return newQueueId(old, { inode, enableLongQueueIds: false }, () => false).text;
}

/** The path at which a restored file must stand, relative to the queue directory. */
export function placeOf(queue: QueueName, message: ArchivedMessage, inode: bigint): string {
  const id = parseQueueId(newIdOf(message, inode));
  if (id === undefined) {
    throw new Error('no queue ID');
  }
  return queueFilePath(DEFAULT_LAYOUT, queue, id);
}

/** Everything that is wrong with a queue in which the restore is finished; empty if all promises hold. */
export function brokenPromises(fs: FileSystem, before: ReadonlyMap<string, TreeEntry>): string[] {
  const tree = snapshotTree(fs, QUEUE_DIRECTORY);
  const broken: string[] = [];
  for (const [path, entry] of before) {
    const now = tree.get(path);
    const same = now !== undefined && (entry.type === 'directory' ? now.type === 'directory' : isSame(entry, now));
    if (!same) {
      broken.push(`P1: ${path} was changed`);
    }
  }
  for (const message of ARCHIVED) {
    broken.push(...brokenFor(message, tree));
  }
  const strays = [...tree].filter(([path, { type }]) => type === 'file' && path.includes('.staged/'));
  broken.push(...strays.map(([path]) => `left behind: ${path}`));
  return broken;
}

function isSame(one: TreeEntry, other: TreeEntry): boolean {
  const keys = ['type', 'inode', 'mode', 'links', 'uid', 'gid', 'mtimeNs', 'content'] as const;
  return keys.every((key) => one[key] === other[key]);
}

function brokenFor(message: ArchivedMessage, tree: ReadonlyMap<string, TreeEntry>): string[] {
  const files = [...tree].filter(([, { content }]) => content === message.content);
  const [found] = files;
  if (found === undefined || files.length !== 1) {
    return [`P2/P3: "${message.content}" stands ${files.length} times: ${files.map(([path]) => path).join(', ')}`];
  }
  const [path, entry] = found;
  const broken: string[] = [];
  if (path !== placeOf(message.queueName, message, entry.inode)) {
    broken.push(`P5: "${message.content}" stands at ${path}`);
  }
  if (entry.mode !== 0o700 || entry.links !== 1) {
    broken.push(`P4: ${path} has mode ${entry.mode.toString(8)} and ${entry.links} links`);
  }
  if (message.defer !== undefined) {
    const log = tree.get(placeOf('defer', message, entry.inode));
    if (log?.content !== message.defer || log.links !== 1) {
      broken.push(`P4: the log of "${message.content}" is not with it`);
    }
  }
  return broken;
}
