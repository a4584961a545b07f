import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runInOwnerProcess } from '../../src/rights/owner-process.ts';
import { spawnOwner } from '../../src/rights/owner-spawn.ts';
import type { OwnerWork } from '../../src/rights/owner-work.ts';
import { hasMembers } from '../../src/rights/told.ts';
import { makeQueueDirectory, NOBODY, OWNER, openScratch } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = fileURLToPath(new URL('../support/process/hostile-program.cjs', import.meta.url));
const QUEUE_ID = '1234500012F';

interface Setup {
  readonly deed: string;
  readonly requests?: readonly unknown[];
}

interface Answer {
  readonly kind: string;
  readonly read: string;
  readonly error?: { readonly message: string };
  readonly outcome?: { readonly kind: string };
  readonly errno?: string;
}

interface Report {
  readonly answers: readonly Answer[];
}

// The process of mail_owner's is in the hands of whoever took over the account: root does for it what it does for the real
// one, and no more.
describeWith([root], 'a hostile process of mail_owner’s', () => {
  let scratch: string;
  let queues = 0;

  beforeAll(() => {
    scratch = openScratch();
    writeFileSync(join(scratch, 'secret'), 'secret', { mode: 0o600 });
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newQueue(): string {
    queues += 1;
    return makeQueueDirectory(join(scratch, `queue-${queues}`));
  }

  function run(queueDirectory: string, setup: Setup, task: 'read' | 'place' = 'place'): Promise<Report> {
    const work: OwnerWork<Setup, Report, never> = {
      name: 'restore',
      task,
      run: () => Promise.reject(new Error('it is done by the other process')),
      isReport: (value): value is Report => hasMembers(value, { answers: 'array' }),
      isRow: (value): value is never => value === undefined,
    };
    return runInOwnerProcess(work, { setup, owner: OWNER, queueDirectory, control: {} }, (options) =>
      spawnOwner({ ...options, program: PROGRAM }),
    );
  }

  async function ask(queue: string, requests: readonly unknown[], task: 'read' | 'place' = 'place'): Promise<Answer[]> {
    return [...(await run(queue, { deed: 'ask', requests }, task)).answers];
  }

  test.each([
    'no-json',
    'too-long',
    'raw-bytes',
    'unknown-request',
    'a-way-up',
    'unknown-told',
    'unknown-error',
    'bad-row',
    'bad-report',
  ])('is ended when it says what nobody may: %s', async (deed) => {
    await expect(run(newQueue(), { deed })).rejects.toMatchObject({
      name: 'SystemError',
      code: 'refused',
      errno: 'EPROTO',
      message: expect.stringContaining('says what it must not'),
    });
  });

  test.each(['ends-well-without-a-report', 'half-a-frame', 'dies'])(
    'does no work by its end alone: %s',
    async (deed) => {
      await expect(run(newQueue(), { deed })).rejects.toMatchObject({
        code: 'refused',
        errno: 'ECHILD',
        nextStep: expect.stringContaining('a restore goes on where it stopped'),
      });
    },
  );

  test('reports once', async () => {
    expect(await run(newQueue(), { deed: 'two-reports' })).toEqual({ answers: [] });
  });

  test.each([
    [
      'place',
      [
        ['open', `deferred/${QUEUE_ID}`],
        ['status', 1],
        ['read', 1, 0, 10],
        ['close', 1],
      ],
    ],
    [
      'read',
      [
        ['state-directory'],
        ['try-to-give', 'try-a.tmp', 1000, 1000],
        ['give', QUEUE_ID, '1', 1, 1000, 1000, 0o744, false],
      ],
    ],
  ] as const)('gets only what its work needs: %s', async (task, requests) => {
    const queue = newQueue();
    const answers = await ask(queue, requests, task);
    expect(answers.map(({ kind }) => kind)).toEqual(requests.map(() => 'failed'));
    expect(answers[0]?.error?.message).toContain('root does not do this here');
    expect(readdirSync(queue)).not.toContain('postsnap');
  });

  test('gets nothing at all in a queue directory that others can change', async () => {
    const queue = newQueue();
    chownSync(queue, OWNER.uid, OWNER.gid);
    await expect(ask(queue, [['state-directory']])).rejects.toMatchObject({ errno: 'EPROTO' });
    expect(readdirSync(queue)).not.toContain('postsnap');
  });

  describe('reading', () => {
    test('gets root’s files in the queue, and none by a link, a hard link or a directory of his', async () => {
      const queue = newQueue();
      const deferred = join(queue, 'deferred');
      writeFileSync(join(deferred, 'AAAA'), 'mail', { mode: 0o600 });
      symlinkSync(join(scratch, 'secret'), join(deferred, 'BBBB'));
      linkSync(join(scratch, 'secret'), join(deferred, 'CCCC'));
      mkdirSync(join(scratch, 'away', 'D'), { recursive: true });
      writeFileSync(join(scratch, 'away', 'D', 'DDDD'), 'secret', { mode: 0o600 });
      symlinkSync(join(scratch, 'away', 'D'), join(deferred, 'D'));
      const places = ['deferred/AAAA', 'deferred/BBBB', 'deferred/CCCC', 'deferred/D/DDDD', 'deferred/EEEE'];
      const requests = [...places.map((place) => ['open', place]), ['read', 1, 0, 100], ['read', 2, 0, 100]];
      const answers = await ask(queue, requests, 'read');
      expect(answers.map(({ kind }) => kind)).toEqual([
        'opened',
        'failed',
        'failed',
        'failed',
        'failed',
        'bytes',
        'failed',
      ]);
      expect(answers.map(({ read }) => read).join('')).toBe('mail');
    });
  });

  describe('giving', () => {
    function statusOf(path: string): readonly [number, number, bigint, number] {
      const { uid, mode, ino, size } = lstatSync(path, { bigint: true });
      return [Number(uid), Number(mode) & 0o7777, ino, Number(size)];
    }

    function give(path: string, { uid = 1000, gid = 1000, mode = 0o744 } = {}): readonly unknown[] {
      const [, , inode, size] = statusOf(path);
      return ['give', QUEUE_ID, String(inode), size, uid, gid, mode, false];
    }

    test.each<[string, (path: string) => void]>([
      ['root’s', (path) => writeFileSync(path, 'x', { mode: 0o600 })],
      [
        'another user’s',
        (path) => {
          writeFileSync(path, 'x', { mode: 0o600 });
          chownSync(path, NOBODY.uid, NOBODY.gid);
        },
      ],
      ['a hard link to root’s', (path) => linkSync(join(scratch, 'secret'), path)],
      ['a directory', (path) => mkdirSync(path)],
    ])('gets no file given away that is %s', async (_, make) => {
      const queue = newQueue();
      const path = join(queue, 'maildrop', QUEUE_ID);
      make(path);
      const before = statusOf(path);
      const [answer] = await ask(queue, [give(path)]);
      expect(answer?.outcome?.kind).toMatch(/^(foreign|linked|gone)$/u);
      expect(statusOf(path)).toEqual(before);
    });

    test('gets none made root’s, set-uid, or open to more than a submission is', async () => {
      const queue = newQueue();
      const path = join(queue, 'maildrop', QUEUE_ID);
      writeFileSync(path, 'x', { mode: 0o600 });
      chownSync(path, OWNER.uid, OWNER.gid);
      const before = statusOf(path);
      const answers = await ask(queue, [
        give(path, { uid: 0 }),
        give(path, { mode: 0o4744 }),
        give(path, { mode: 0o777 }),
      ]);
      expect(answers.map(({ outcome }) => outcome?.kind)).toEqual(['foreign', 'foreign', 'foreign']);
      expect(statusOf(path)).toEqual(before);
      const [given] = await ask(queue, [give(path)]);
      expect(given?.outcome?.kind).toBe('given');
      expect(statusOf(path).slice(0, 2)).toEqual([1000, 0o744]);
    });

    test('makes the state directory, and nothing of what stands there his', async () => {
      const queue = newQueue();
      expect(await ask(queue, [['state-directory'], ['state-directory']])).toMatchObject([
        { kind: 'done' },
        { kind: 'done' },
      ]);
      expect(statusOf(join(queue, 'postsnap')).slice(0, 2)).toEqual([OWNER.uid, 0o700]);
      const other = newQueue();
      symlinkSync(scratch, join(other, 'postsnap'));
      chmodSync(scratch, 0o755);
      const [answer] = await ask(other, [['state-directory']]);
      expect(answer?.kind).toBe('failed');
      expect(statusOf(scratch).slice(0, 2)).toEqual([0, 0o755]);
    });
  });
});
