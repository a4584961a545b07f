/**
 * What may happen to a queue directory between a restore that was cut off and the run that finishes it, while Postfix does
 * not deliver. Authority: postsuper.c (super(), fix_queue_id(), MAX_TEMP_AGE), cp(1), rsync(1).
 */

import { basename, dirname, join } from 'node:path';
import { DEFAULT_LAYOUT, type QueueLayout, queueFilePath } from '../../src/queue/layout.ts';
import { parseQueueId, toShort, UNFINISHED_RENAME_SUFFIX, withInode } from '../../src/queue/queue-id.ts';
import { LOG_QUEUES, MESSAGE_QUEUES, type MessageQueueName, type QueueName } from '../../src/queue/queue-name.ts';
import { Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, readWhole, snapshotTree } from '../support/disk/tree.ts';
import {
  type ArchivedMessage,
  HOUR_NS,
  NOW_NS,
  QUEUE_DIRECTORY,
  type RestoreSettings,
  runRestore,
} from './restore-world.ts';

/** What a happening leaves: the disk, and what Postfix's configuration says from then on. */
export interface Aftermath {
  readonly disk: SimulatedFileSystem;
  readonly settings: Pick<RestoreSettings, 'layout' | 'enableLongQueueIds'>;
}

export interface Happening {
  readonly title: string;
  readonly happen: (disk: SimulatedFileSystem, options: SimulationOptions) => Aftermath | Promise<Aftermath>;
  /** What is restored meanwhile, of which none may be lost either. */
  readonly others?: readonly ArchivedMessage[];
}

const DEEP: QueueLayout = { hashQueueNames: new Set(['deferred', 'defer', 'bounce', 'hold']), hashQueueDepth: 2 };
const FLAT: QueueLayout = { hashQueueNames: new Set(), hashQueueDepth: 1 };
const LATER_NS = NOW_NS + 8n * 24n * HOUR_NS;

/** Other inodes for everything; files with two names become two files, or stay one. */
function copy(disk: SimulatedFileSystem, options: SimulationOptions, links: 'split' | 'kept'): SimulatedFileSystem {
  const created = new SimulatedFileSystem(options);
  // The first inodes are taken, so that no file has its old number by chance.
  Array.from({ length: 200 }, (_, number) => putFile(created, `/other/${number}`, {}));
  makeDirectories(created, QUEUE_DIRECTORY, 0o755);
  const copies = new Map<bigint, string>();
  for (const [name, entry] of snapshotTree(disk, QUEUE_DIRECTORY)) {
    const path = join(QUEUE_DIRECTORY, name);
    const first = copies.get(entry.inode);
    if (entry.type === 'directory') {
      makeDirectories(created, path, entry.mode);
    } else if (first !== undefined && links === 'kept') {
      created.link(first, path);
    } else {
      putFile(created, path, { ...entry, content: readWhole(disk, join(QUEUE_DIRECTORY, name)) });
      copies.set(entry.inode, path);
    }
  }
  created.settle();
  return created;
}

interface Place {
  readonly queue: QueueName;
  readonly name: string;
  readonly path: string;
}

function* filesIn(disk: SimulatedFileSystem, queues: readonly QueueName[]): Generator<Place> {
  for (const [path, { type }] of snapshotTree(disk, QUEUE_DIRECTORY)) {
    const queue = queues.find((one) => path.startsWith(`${one}/`));
    if (queue !== undefined && type === 'file') {
      yield { queue, name: basename(path), path: join(QUEUE_DIRECTORY, path) };
    }
  }
}

function move(disk: SimulatedFileSystem, from: string, to: string): void {
  if (from !== to) {
    makeDirectories(disk, dirname(to), 0o700);
    disk.rename(from, to);
  }
}

/**
 * `postsuper -s` and `-p`, as `postfix start` runs them: names become true to their inodes, logs follow by name (but trace
 * logs keep the suffix), all go to the directories that the layout asks for, and unready files of a week go.
 */
function start(disk: SimulatedFileSystem, layout: QueueLayout, nowNs: bigint): void {
  const pathFor = (queue: QueueName, name: string): string => {
    const id = parseQueueId(name);
    return id === undefined ? '' : join(QUEUE_DIRECTORY, queueFilePath(layout, queue, id));
  };
  for (const { queue, name, path } of filesIn(disk, MESSAGE_QUEUES)) {
    const status = disk.lstat(path);
    const id = parseQueueId(name);
    if (status === undefined || id === undefined) {
      continue;
    }
    if ((status.mode & 0o700) !== 0o700 && nowNs - status.mtimeNs > 7n * 24n * HOUR_NS) {
      disk.unlink(path);
    } else if (id.inode !== status.inode) {
      const created = (id.form === 'long' ? toShort(id, status.inode) : withInode(id, status.inode)).text;
      renameLogs(disk, { name, created }, pathFor);
      move(disk, path, pathFor(queue, created));
    } else {
      move(disk, path, pathFor(queue, name));
    }
  }
  for (const { queue, name, path } of filesIn(disk, LOG_QUEUES)) {
    if (pathFor(queue, name) !== '') {
      move(disk, path, pathFor(queue, name));
    }
  }
}

function renameLogs(
  disk: SimulatedFileSystem,
  { name, created }: { readonly name: string; readonly created: string },
  pathFor: (queue: QueueName, name: string) => string,
): void {
  for (const { queue, path } of [...filesIn(disk, LOG_QUEUES)].filter((file) => file.name === name)) {
    move(disk, path, `${pathFor(queue, created)}${queue === 'trace' ? UNFINISHED_RENAME_SUFFIX : ''}`);
  }
}

/** `postsuper -h ALL` and `-r ALL` move what they find, ready or not. */
function moveAll(disk: SimulatedFileSystem, from: readonly MessageQueueName[], to: MessageQueueName): void {
  for (const { name, path } of filesIn(disk, from)) {
    const id = parseQueueId(name);
    if (id !== undefined && !isOld(disk, path)) {
      move(disk, path, join(QUEUE_DIRECTORY, queueFilePath(DEFAULT_LAYOUT, to, id)));
    }
  }
}

/** The mail that was there before is left where it is, so that it can be told whether the restore touched it. */
function isOld(disk: SimulatedFileSystem, path: string): boolean {
  return Buffer.from(readWhole(disk, path)).toString().startsWith('mail that was here');
}

const same = { layout: DEFAULT_LAYOUT, enableLongQueueIds: false };

function inPlace(title: string, act: (disk: SimulatedFileSystem) => void, settings: Aftermath['settings'] = same) {
  const happen = (disk: SimulatedFileSystem): Aftermath => {
    act(disk);
    return { disk, settings };
  };
  return { title, happen };
}

/** The messages of another archive; one has the name of one of the first. */
const OTHERS: readonly ArchivedMessage[] = [
  { queueName: 'deferred', queueId: 'A00011F', content: 'of another archive', mtimeNs: NOW_NS, logs: ['defer'] },
  {
    queueName: 'hold',
    queueId: 'F00061F',
    content: 'of another archive, on hold',
    mtimeNs: NOW_NS - 9n * 24n * HOUR_NS,
    logs: [],
  },
];

/** The command finishes what waits before it restores what it was given. */
async function restoreOthers(disk: SimulatedFileSystem, cutAt?: number): Promise<void> {
  const faults = new Faults();
  if (cutAt !== undefined) {
    faults.crashAt(cutAt, 'after');
  }
  const run = runRestore(faultyFileSystem(disk, faults), { messages: OTHERS });
  await (cutAt === undefined ? run : run.catch(() => undefined));
  disk.endProcess();
}

/** A run on a full disk ends with an error of the system, or names what waits; then somebody makes room. */
async function runWhileFull(disk: SimulatedFileSystem, what: 'bytes' | 'inodes'): Promise<void> {
  disk.fill(what);
  await runRestore(disk).catch((error: unknown) => {
    if (!String(error).includes('ENOSPC')) {
      throw error;
    }
  });
  disk.endProcess();
  disk.fill('nothing');
}

function run(
  title: string,
  work: (disk: SimulatedFileSystem) => Promise<void>,
  others: readonly ArchivedMessage[] = [],
): Happening {
  const happen = async (disk: SimulatedFileSystem): Promise<Aftermath> => {
    await work(disk);
    return { disk, settings: same };
  };
  return { title, happen, others };
}

function copied(title: string, links: 'split' | 'kept', act: (disk: SimulatedFileSystem) => void = () => undefined) {
  const happen: Happening['happen'] = (disk, options) => {
    const created = copy(disk, options, links);
    act(created);
    return { disk: created, settings: same };
  };
  return { title, happen };
}

export const HAPPENINGS: readonly Happening[] = [
  inPlace('nothing', () => undefined),
  inPlace('postfix start', (disk) => start(disk, DEFAULT_LAYOUT, NOW_NS)),
  inPlace('postfix start after more than a week', (disk) => start(disk, DEFAULT_LAYOUT, LATER_NS)),
  copied('copied, as rsync -a does', 'split'),
  copied('copied, as cp -a and rsync -aH do', 'kept'),
  copied('copied with split links, then postfix start', 'split', (disk) => start(disk, DEFAULT_LAYOUT, NOW_NS)),
  copied('copied, then postfix start', 'kept', (disk) => start(disk, DEFAULT_LAYOUT, NOW_NS)),
  copied('copied, then postfix start after more than a week', 'kept', (disk) => start(disk, DEFAULT_LAYOUT, LATER_NS)),
  copied('copied with split links, then all on hold', 'split', (disk) =>
    moveAll(disk, ['incoming', 'active', 'deferred'], 'hold'),
  ),
  inPlace('deeper hash directories', () => undefined, { layout: DEEP }),
  inPlace('deeper hash directories, postfix start', (disk) => start(disk, DEEP, NOW_NS), { layout: DEEP }),
  inPlace('no hash directories', () => undefined, { layout: FLAT }),
  inPlace('no hash directories, postfix start', (disk) => start(disk, FLAT, NOW_NS), { layout: FLAT }),
  inPlace('long queue IDs on', () => undefined, { enableLongQueueIds: true }),
  inPlace('postsuper -h ALL', (disk) => moveAll(disk, ['incoming', 'active', 'deferred'], 'hold')),
  inPlace('postsuper -r ALL', (disk) => moveAll(disk, ['incoming', 'active', 'deferred', 'hold'], 'maildrop')),
  inPlace('postsuper -h ALL, then -r ALL', (disk) => {
    moveAll(disk, ['incoming', 'active', 'deferred'], 'hold');
    moveAll(disk, ['hold'], 'maildrop');
  }),
  inPlace('unready files removed', (disk) => {
    for (const { path } of filesIn(disk, MESSAGE_QUEUES)) {
      if (disk.lstat(path)?.mode === 0o600) {
        disk.unlink(path);
      }
    }
  }),
  run('another archive restored', (disk) => restoreOthers(disk), OTHERS),
  // So late that it has begun with its own messages wherever the first was cut off; the next run finishes both.
  ...[60, 120, 180].map((call) =>
    run(`another archive restored, which is cut off at call ${call}`, (disk) => restoreOthers(disk, call)),
  ),
  run('inodes full at the next run, then room made', (disk) => runWhileFull(disk, 'inodes')),
  run('disk full at the next run, then room made', (disk) => runWhileFull(disk, 'bytes')),
];
