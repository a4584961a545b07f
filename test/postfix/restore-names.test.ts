import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { O_CREAT, O_EXCL } from '../../src/fs/open-flags.ts';
import { DEFAULT_LAYOUT, queueFilePath } from '../../src/queue/layout.ts';
import { nextMicrosecond, parseQueueId, type QueueId, withInode } from '../../src/queue/queue-id.ts';
import type { QueueName } from '../../src/queue/queue-name.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import type { QueueFile } from '../support/postfix/queue-files.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import { backUp, type Restored, restoreInto } from '../support/postfix/snapshot-of.ts';
import { workHere } from '../support/postfix/work-here.ts';
import { small } from './estate-messages.ts';

const IDS = ['one', 'two', 'three'];
/** More than a restore of the three needs, logs included. */
const RESERVED = 12;

/** A bounce log that would send a notice to whoever inherits it. */
const FOREIGN_LOG =
  '<stranger@example.net>: no such user\nrecipient=stranger@example.net\nstatus=5.1.1\naction=failed\nreason=foreign\n\n';

describeWithPostfix('new names that are taken', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-names-'));
  const archive = join(directory, 'queue.postsnap');
  let source: readonly QueueFile[] = [];
  let target: PostfixInstance | undefined;

  beforeAll(async () => {
    const postfix = await createInstance();
    try {
      await postfix.start();
      const queueIds = await postfix.submitAll(IDS.map((id) => small(id)));
      await postfix.waitFor(
        () => queueIds.every((id) => postfix.queuesOf(id).join() === 'defer,deferred'),
        'three deferred messages',
      );
      await postfix.stop();
      source = postfix.queueFiles();
      await backUp(postfix, archive);
    } finally {
      await postfix.dispose();
    }
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await target?.dispose();
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  // From the natural name on, the queues in which one name after the other is occupied.
  it.each<{ readonly queues: readonly QueueName[] }>([
    { queues: ['deferred'] },
    { queues: ['hold'] },
    { queues: ['incoming'] },
    { queues: ['maildrop'] },
    { queues: ['corrupt'] },
    { queues: ['defer'] },
    { queues: ['bounce'] },
    { queues: ['trace'] },
    { queues: ['deferred', 'hold', 'bounce', 'trace', 'defer'] },
  ])('in $queues before the restore: the next free one', async ({ queues }) => {
    const postfix = await createInstance();
    target = postfix;
    const inodes = reserveInodes(postfix);
    for (const id of oldIds(source)) {
      for (const inode of inodes) {
        let name = withInode(id, inode);
        for (const queueName of queues) {
          occupy(postfix, queueName, name);
          name = nextMicrosecond(name);
        }
      }
    }
    const before = postfix.queueFiles();
    const restored = await restoreInto(postfix, { archive });
    expectAside({ before, restored, postfix, source, distance: queues.length, inodes });
    expect(readdirSync(join(postfix.queueDirectory, 'reserved')).length).toBeLessThan(RESERVED);
  });

  it.each(['deferred', 'defer', 'hold', 'bounce'] as const)(
    'in %s while it is restored: the next one',
    async (queueName) => {
      const postfix = await createInstance();
      target = postfix;
      workHere(postfix);
      const original = { ...nodeFileSystem };
      const natural = new Map<string, string>();
      let before: QueueFile[] = [];
      vi.spyOn(nodeFileSystem, 'link').mockImplementation((existing, created) => {
        const id = parseQueueId(created.split('/').at(-1) ?? '');
        // The log is linked before its message.
        if (id !== undefined && created.includes('/defer/') && !natural.has(existing)) {
          natural.set(existing, id.text);
          occupy(postfix, queueName, id);
          before = postfix.queueFiles().filter(({ size }) => size === FOREIGN_LOG.length);
        }
        original.link(existing, created);
      });
      const restored = await restoreInto(postfix, { archive });
      expect(before.length).toBe(IDS.length);
      expect(
        restored.mappings.filter(({ new_queue_id }) => [...natural.values()].includes(new_queue_id ?? '')),
      ).toEqual([]);
      const inodes = postfix.queueFiles().map(({ inode }) => inode);
      expectAside({ before, restored, postfix, source, distance: undefined, inodes });
    },
  );

  it('as an orphan log: nobody gets the notice that it stands for', async () => {
    const postfix = await createInstance();
    target = postfix;
    const inodes = reserveInodes(postfix);
    for (const id of oldIds(source)) {
      for (const inode of inodes) {
        occupy(postfix, 'bounce', withInode(id, inode));
        occupy(postfix, 'trace', withInode(id, inode));
      }
    }
    await restoreInto(postfix, { archive });
    giveDirectories(postfix);
    const sink = await startSink({ port: postfix.relayPort });
    try {
      await postfix.start();
      await postfix.flush();
      const isDelivered = (): boolean => postfix.queueFiles().every(({ size }) => size === FOREIGN_LOG.length);
      await postfix.waitFor(isDelivered, 'the delivery of all');
      expect(sink.counts()).toEqual(new Map(IDS.map((id) => [`${id} bob@example.org`, 1])));
    } finally {
      await sink.close();
    }
  });
});

function oldIds(source: readonly QueueFile[]): QueueId[] {
  return source
    .filter(({ queueName }) => queueName === 'deferred')
    .map(({ name }) => parseQueueId(name))
    .filter((id) => id !== undefined);
}

/** Makes the restore take its files from a stock of inodes, which are known before it looks at the target. */
function reserveInodes(postfix: PostfixInstance): bigint[] {
  const stock = join(postfix.queueDirectory, 'reserved');
  mkdirSync(stock);
  chownSync(stock, postfix.queueOwner(), 0);
  const paths = Array.from({ length: RESERVED }, (_, index) => join(stock, String(index)));
  for (const path of paths) {
    writeFileSync(path, '', { mode: 0o600 });
    chownSync(path, postfix.queueOwner(), statSync(join(postfix.queueDirectory, 'incoming')).gid);
  }
  const inodes = paths.map((path) => statSync(path, { bigint: true }).ino);
  workHere(postfix);
  const original = { ...nodeFileSystem };
  vi.spyOn(nodeFileSystem, 'open').mockImplementation((path, flags, mode) => {
    if ((flags & O_EXCL) === 0 || !path.includes('.staged/')) {
      return original.open(path, flags, mode);
    }
    const next = paths.shift();
    if (next === undefined) {
      throw new Error('no inode left');
    }
    renameSync(next, path);
    return original.open(path, flags & ~(O_EXCL | O_CREAT));
  });
  return inodes;
}

/** What the restore has made here is root's: in truth it is mail_owner's. */
function giveDirectories(postfix: PostfixInstance): void {
  for (const queue of ['deferred', 'defer', 'bounce', 'trace', 'postsnap']) {
    for (const name of [
      '.',
      ...readdirSync(join(postfix.queueDirectory, queue), { recursive: true, encoding: 'utf8' }),
    ]) {
      chownSync(join(postfix.queueDirectory, queue, name), postfix.queueOwner(), 0);
    }
  }
}

function occupy(postfix: PostfixInstance, queueName: QueueName, id: QueueId): void {
  const path = join(postfix.queueDirectory, queueFilePath(DEFAULT_LAYOUT, queueName, id));
  const { uid, gid } = statSync(join(postfix.queueDirectory, 'incoming'));
  const give = (what: string): void => chownSync(what, uid, gid);
  if (mkdirSync(dirname(path), { recursive: true, mode: 0o700 }) !== undefined) {
    give(dirname(path));
  }
  writeFileSync(path, FOREIGN_LOG, { flag: 'wx' });
  give(path);
  chmodSync(path, queueName === 'deferred' ? 0o700 : 0o600);
}

interface Outcome {
  readonly before: readonly QueueFile[];
  readonly restored: Restored;
  readonly postfix: PostfixInstance;
  readonly source: readonly QueueFile[];
  /** How many microseconds after the natural name. */
  readonly distance: number | undefined;
  readonly inodes: readonly bigint[];
}

function distanceOf(mapping: { readonly queue_id: string; readonly new_queue_id: string | null }): number {
  const [old, now] = [parseQueueId(mapping.queue_id), parseQueueId(mapping.new_queue_id ?? '')];
  return (now?.microseconds ?? Number.NaN) - (old?.microseconds ?? Number.NaN);
}

/** What was there is as it was; each message stands beside it under a free name of its own, with its own logs alone. */
function expectAside({ before, restored, postfix, source, distance, inodes }: Outcome): void {
  const after = postfix.queueFiles();
  expect(after.filter(({ path }) => before.some((file) => file.path === path))).toEqual(before);
  expect(restored.report).toMatchObject({ restored: IDS.length, already_present: 0, failed: 0 });
  for (const mapping of restored.mappings) {
    if (distance !== undefined) {
      expect(distanceOf(mapping)).toBe(distance);
    }
    const id = parseQueueId(mapping.new_queue_id ?? '');
    expect(inodes).toContain(id?.inode);
    const own = (files: readonly QueueFile[], name: string) =>
      files.filter((file) => file.name === name).map(({ queueName, sha256, links }) => ({ queueName, sha256, links }));
    expect(own(after, mapping.new_queue_id ?? '')).toEqual(own(source, mapping.queue_id));
  }
}
