import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeJournalLine, JOURNAL_VERSION, JournalDigest, type JournalEntry } from '../../src/journal/journal.ts';
import { runToEnd } from '../support/process/process.ts';
import { attack, CANARY_ID, canariesIn, makeCanaries, SECRET } from '../support/torture/canaries.ts';
import {
  makeArchive,
  makeFullQueue,
  makeQueueDirectory,
  NOBODY,
  OWNER,
  openScratch,
  optionsFor,
} from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// Whoever took over the mail_owner account can do what he likes with the mail. He must not be able to lead root anywhere.
describeWith([root], 'a hostile mail_owner', () => {
  let scratch: string;
  let canaries: string;
  let archive: string;
  let innocent: string[];
  let queues = 0;
  let snapshotId: string;

  beforeAll(async () => {
    scratch = openScratch();
    ({ archive } = makeArchive(scratch, 150));
    const { stdout } = await runToEnd(['info', '-j', archive]);
    snapshotId = String(/"snapshot_id":"([^"]+)"/u.exec(stdout)?.[1]);
    canaries = makeCanaries(join(scratch, 'canaries'));
    innocent = canariesIn(canaries);
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newQueue(): string {
    queues += 1;
    return makeQueueDirectory(join(scratch, `queue-${queues}`));
  }

  function restoreInto(queue: string, ...more: string[]) {
    return runToEnd(['restore', '-q', '-j', ...optionsFor(queue), ...more, archive]);
  }

  test.each([
    ['root’s, as Postfix has it', { uid: 0, gid: 0 }],
    ['his own', OWNER],
  ])('can’t lead root out of a queue directory that is %s', async (_, owner) => {
    const queue = newQueue();
    chownSync(queue, owner.uid, owner.gid);
    const swaps = attack({ queue, canaries, seconds: 8, seed: queues });
    const end = Date.now() + 7000;
    for (let run = 0; Date.now() < end; run += 1) {
      const copy = join(scratch, `taken-${queues}-${run}.tar.zst`);
      const ends = [
        await restoreInto(queue),
        await runToEnd(['backup', '-q', '-j', ...optionsFor(queue), copy]),
        await restoreInto(queue, '--again', '--into', 'maildrop'),
      ];
      // Whatever comes of it, it is no bug, and hangs nowhere.
      expect(ends.map(({ stderr }) => stderr).join('')).not.toContain('bug in postsnap');
      expect(ends.map(({ signal }) => signal)).toEqual([null, null, null]);
      await expectNoSecret(copy);
    }
    expect(await swaps).toBeGreaterThan(100);
    expect(canariesIn(canaries)).toEqual(innocent);
  });

  async function expectNoSecret(taken: string): Promise<void> {
    const { status, stdout } = await runToEnd(['list', '-j', taken]);
    if (status === 0) {
      const { length } = SECRET;
      const sizes = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line): number => JSON.parse(line).file_size);
      expect(sizes).not.toContain(length);
    }
  }

  test('can’t have another user’s or root’s files read by a link in the place of incoming', async () => {
    for (const [directory, uid] of [
      ['open', 0],
      ['others', NOBODY.uid],
    ] as const) {
      const queue = newQueue();
      chownSync(queue, OWNER.uid, OWNER.gid);
      const goal = join(scratch, `goal-${queues}`);
      mkdirSync(goal, { mode: 0o755 });
      copyFileSync(join(canaries, directory, CANARY_ID), join(goal, CANARY_ID));
      chmodSync(join(goal, CANARY_ID), 0o700);
      chownSync(join(goal, CANARY_ID), uid, uid);
      chownSync(goal, uid, uid);
      rmSync(join(queue, 'incoming'), { recursive: true });
      symlinkSync(goal, join(queue, 'incoming'));
      const copy = join(scratch, `by-link-${queues}.tar.zst`);
      const { status, stderr } = await runToEnd(['backup', ...optionsFor(queue), copy]);
      expect([66, 77], stderr).toContain(status);
      expect(() => statSync(copy)).toThrow('ENOENT');
    }
  });

  test('can’t have his queue read by root because its incoming is root’s', async () => {
    const queue = newQueue();
    chownSync(join(queue, 'incoming'), 0, 0);
    symlinkSync(join(canaries, 'secret'), join(queue, 'deferred', 'A'));
    const { status, stderr } = await runToEnd(['backup', ...optionsFor(queue), join(scratch, 'roots.tar.zst')]);
    expect([status, stderr]).toEqual([77, expect.stringContaining('incoming is root')]);
  });

  test('can’t have a directory made outside by a link in the place of the queue directory', async () => {
    const parent = join(scratch, 'his');
    mkdirSync(parent);
    chownSync(parent, OWNER.uid, OWNER.gid);
    const queue = newQueue();
    const etc = join(scratch, 'etc');
    for (const [goal, name] of [
      [queue, 'link-to-queue'],
      [makeQueueDirectory(etc, { uid: 0, gid: 0 }), 'link-to-etc'],
    ] as const) {
      symlinkSync(goal, join(parent, name));
      const ended = await restoreInto(join(parent, name));
      expect([71, 77], ended.stderr).toContain(ended.status);
      expect(readdirSync(goal)).not.toContain('postsnap');
    }
  });

  test('can’t lead root by his links in the place of the state directory, the lock and the journals', async () => {
    const names = [
      'postsnap',
      'postsnap/lock',
      'postsnap/20260101000000-abc.journal',
      'postsnap/20260101000000-abc.staged',
    ];
    for (const name of names) {
      for (const goal of ['open/deferred', `others/${CANARY_ID}`]) {
        const queue = newQueue();
        chownSync(queue, OWNER.uid, OWNER.gid);
        if (name !== 'postsnap') {
          mkdirSync(join(queue, 'postsnap'), { mode: 0o700 });
          chownSync(join(queue, 'postsnap'), OWNER.uid, OWNER.gid);
        }
        symlinkSync(join(canaries, goal), join(queue, name));
        const ended = await restoreInto(queue);
        expect(ended.stderr).not.toContain('bug in postsnap');
        expect(ended.signal).toBeNull();
      }
    }
    expect(canariesIn(canaries)).toEqual(innocent);
  });

  function entryFor(goal: string, more: Partial<JournalEntry>): JournalEntry {
    const { ino, size } = lstatSync(goal, { bigint: true });
    return {
      queueName: 'maildrop',
      queueId: CANARY_ID,
      fingerprint: 'f'.repeat(64),
      newQueueName: 'deferred',
      newQueueId: CANARY_ID,
      from: 'postsnap/20260101000000-abc.staged/0/0.message',
      sha256: 'f'.repeat(64),
      inode: ino,
      size: Number(size),
      mode: 0o777,
      times: { stagedNs: 1_000_000_000n, mtimeNs: 1_000_000_000n },
      owner: OWNER,
      logs: [
        { queueName: 'defer', from: 'postsnap/20260101000000-abc.staged/0/0.defer', size: 1, sha256: 'f'.repeat(64) },
      ],
      ...more,
    };
  }

  function forge(queue: string, entry: JournalEntry): void {
    const state = join(queue, 'postsnap');
    mkdirSync(join(state, '20260101000000-abc.staged', '0'), { recursive: true });
    const digest = new JournalDigest();
    const lines = [
      encodeJournalLine({
        kind: 'head',
        head: {
          journal: JOURNAL_VERSION,
          // Of the archive at hand: of another one it would be refused unread.
          snapshotId,
          into: 'queues',
          archive: '-',
          started: '2026-01-01T00:00:00.000Z',
          staging: '20260101000000-abc.staged',
          hashQueueNames: ['deferred', 'hold', 'incoming', 'active', 'defer'],
          hashQueueDepth: 1,
        },
      }),
      encodeJournalLine({ kind: 'entry', entry }),
    ];
    for (const line of lines) {
      digest.update(line);
    }
    lines.push(encodeJournalLine({ kind: 'end', messages: 1, sha256: digest.digest() }));
    writeFileSync(join(state, '20260101000000-abc.journal'), lines.join(''), { mode: 0o600 });
    for (const path of ['', '20260101000000-abc.staged', '20260101000000-abc.staged/0', '20260101000000-abc.journal']) {
      chownSync(join(state, path), OWNER.uid, OWNER.gid);
    }
  }

  test('can’t forge a journal that has root change what is not his', async () => {
    for (const [goal, owner] of [
      ['secret', OWNER],
      ['open', OWNER],
      ['others', OWNER],
      ['others', NOBODY],
      ['secret', { uid: 0, gid: 0 }],
    ] as const) {
      for (const newQueueName of ['deferred', 'maildrop'] as const) {
        const queue = newQueue();
        forge(queue, entryFor(join(canaries, goal, CANARY_ID), { newQueueName, owner }));
        for (const hashed of ['deferred', 'hold', 'incoming', 'active', 'defer']) {
          symlinkSync(join(canaries, goal), join(queue, hashed, '1'));
        }
        symlinkSync(join(canaries, goal, CANARY_ID), join(queue, 'maildrop', CANARY_ID));
        const ended = await restoreInto(queue);
        expect(ended.stderr).not.toContain('bug in postsnap');
      }
    }
    expect(canariesIn(canaries)).toEqual(innocent);
  });

  test.each([
    ['root’s', { uid: 0, gid: 0 }],
    ['another user’s', NOBODY],
  ])('can’t have a file of his own made %s', async (_, owner) => {
    const queue = newQueue();
    mkdirSync(join(queue, 'postsnap'));
    const mine = join(queue, 'maildrop', CANARY_ID);
    writeFileSync(mine, 'mine', { mode: 0o600 });
    chownSync(mine, OWNER.uid, OWNER.gid);
    forge(queue, entryFor(mine, { newQueueName: 'maildrop', owner, mode: 0o744, logs: [] }));
    expect(await restoreInto(queue)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('left to mail_owner'),
    });
    // Under a name that is true to its inode.
    const [name = ''] = readdirSync(join(queue, 'maildrop'));
    const { uid, mode } = lstatSync(join(queue, 'maildrop', name));
    expect([uid, mode & 0o777]).toEqual([OWNER.uid, 0o744]);
  });

  test('can’t have another user’s file made his own, or open to all', async () => {
    const queue = newQueue();
    mkdirSync(join(queue, 'postsnap'));
    const his = join(queue, 'maildrop', CANARY_ID);
    writeFileSync(his, SECRET, { mode: 0o600 });
    chownSync(his, NOBODY.uid, NOBODY.gid);
    for (const owner of [OWNER, NOBODY]) {
      forge(queue, entryFor(his, { newQueueName: 'maildrop', owner, mode: 0o777, logs: [] }));
      // With this mode it is still being written, to Postfix as to a restore. It stays what it is.
      expect((await restoreInto(queue)).status).toBe(0);
      const { uid, mode } = lstatSync(his);
      expect([uid, mode & 0o777]).toEqual([NOBODY.uid, 0o600]);
    }
    // One that is ready would have to be read: it is named.
    chmodSync(his, 0o700);
    forge(queue, entryFor(his, { newQueueName: 'maildrop', owner: NOBODY, mode: 0o777, logs: [] }));
    const { status, stderr } = await restoreInto(queue);
    expect([status, stderr]).toEqual([71, expect.stringContaining(basename(his))]);
    const { uid, mode } = lstatSync(his);
    expect([uid, mode & 0o777]).toEqual([NOBODY.uid, 0o700]);
  });

  test('can’t hang a backup or a restore by FIFOs', async () => {
    const queue = makeFullQueue(join(scratch, 'fifos'), 20);
    mkdirSync(join(queue, 'postsnap'));
    for (const name of ['postsnap/lock', 'postsnap/20260101000000-abc.journal', `incoming/${CANARY_ID}`, `defer/1`]) {
      await new Promise((resolve) => spawn('mkfifo', [join(queue, name)]).on('close', resolve));
    }
    const copy = join(scratch, 'fifos.tar.zst');
    const backup = await runToEnd(['backup', '-j', ...optionsFor(queue, 'postfix'), copy]);
    expect([backup.status, backup.stderr]).toEqual([1, expect.stringContaining(`incoming/${CANARY_ID}`)]);
    expect(backup.stderr).toMatch(/postsnap\/20260101000000-abc\.journal: .* is no regular file/u);
    expect(JSON.parse(backup.stdout)).toMatchObject({ messages: 20, archive: copy });
    const locked = await runToEnd(['restore', ...optionsFor(queue, 'postfix'), archive]);
    expect(locked.status).toBe(75);
    rmSync(join(queue, 'postsnap/lock'));
    const restore = await runToEnd(['restore', ...optionsFor(queue, 'postfix'), archive]);
    expect([restore.status, restore.stderr]).toEqual([71, expect.stringContaining('Move it away')]);
  });
});
