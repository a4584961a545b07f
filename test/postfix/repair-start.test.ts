/** Postfix is not started in a queue that is being repaired, whatever moment it is tried at. */

import { spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { finishRestores, repair, status } from '../../src/index.ts';
import type { OperationEvent } from '../../src/operation.ts';
import { seededRandom } from '../support/disk/random.ts';
import { run } from '../support/postfix/command.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { waitFor } from '../support/postfix/wait.ts';
import { type Running, start } from '../support/process/process.ts';
import { type BrokenQueue, plantBrokenQueue } from '../support/repair/broken-queue.ts';
import { QueueJudge } from '../support/repair/judge.ts';

vi.setConfig({ testTimeout: 120_000 });

describeWithPostfix('postfix start while a queue is repaired', () => {
  let postfix: PostfixInstance | undefined;

  afterEach(() => postfix?.dispose());

  /** With so many messages that a repair takes its time. */
  async function brokenInstance(): Promise<{ instance: PostfixInstance; queue: BrokenQueue; uid: number }> {
    const instance = await createInstance({ parameters: { enable_long_queue_ids: 'no' } });
    postfix = instance;
    const { queueDirectory } = instance;
    const uid = instance.queueOwner();
    const queue = plantBrokenQueue({
      fs: nodeFileSystem,
      queueDirectory,
      random: seededRandom(3),
      owner: { uid, gid: statSync(join(queueDirectory, 'incoming')).gid },
      messages: 600,
      nowNs: BigInt(Date.now()) * 1_000_000n,
    });
    return { instance, queue, uid };
  }

  /** Does something while a repair has stopped in the midst of its work. Its lock stays. */
  async function whileStopped(
    instance: PostfixInstance,
    work: () => Promise<void>,
  ): ReturnType<() => Running['ended']> {
    const begun = start(['repair', '-q', '-c', instance.configDirectory]);
    // The lock comes first, then the file is emptied.
    const lockFile = join(instance.queueDirectory, 'pid/master.pid');
    const isKept = (): boolean => isLocked(instance.queueDirectory) && statSync(lockFile).size === 0;
    await waitFor(() => begun.hasEnded() || isKept(), 'the repair to begin');
    process.kill(begun.pid, 'SIGSTOP');
    try {
      await work();
    } finally {
      process.kill(begun.pid, 'SIGCONT');
    }
    return begun.ended;
  }

  it('is refused until the repair has ended, and nothing is half', async () => {
    const { instance, queue, uid } = await brokenInstance();
    const ended = await whileStopped(instance, () => expect(instance.start()).rejects.toThrow('already running'));
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const judge = new QueueJudge(nodeFileSystem, instance.queueDirectory, queue);
    expect(judge.losses()).toEqual({ lost: [], doubled: [], foreign: [], lostLogs: [] });
    expect(judge.untidy(uid)).toEqual([]);
    await instance.start();
  });

  it.each([
    ['makes', (pid: string): void => rmSync(pid, { recursive: true })],
    ['mends', (pid: string): void => chownSync(pid, 65_534, 65_534)],
  ])('is refused though the repair %s the directory of the lock', async (_what, breakIt) => {
    const { instance } = await brokenInstance();
    breakIt(join(instance.queueDirectory, 'pid'));
    const ended = await whileStopped(instance, () => expect(instance.start()).rejects.toThrow('already running'));
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(join(instance.queueDirectory, 'pid')).uid).toBe(0);
  });

  it('is warned of where the lock can not be had', async () => {
    postfix = await createInstance();
    rmSync(join(postfix.queueDirectory, 'pid'), { recursive: true });
    const { status: outcome, stderr } = await start(['repair', '--only', 'owners', '-c', postfix.configDirectory])
      .ended;
    expect(outcome).toBe(0);
    expect(stderr).toContain('see to it that nobody starts Postfix');
  });

  it.each(['stop', 'abort', 'drain'])(
    'and %s kills nobody by the process ID of a master that is gone',
    async (command) => {
      const { instance } = await brokenInstance();
      const innocent = spawn('sleep', ['100'], { stdio: 'ignore', detached: true });
      try {
        const lockFile = join(instance.queueDirectory, 'pid/master.pid');
        writeFileSync(lockFile, `${innocent.pid}\n`);
        await whileStopped(instance, async () => {
          await run('postfix', ['-c', instance.configDirectory, command]);
        });
        expect(statSync(lockFile).size).toBe(0);
        expect({ code: innocent.exitCode, signal: innocent.signalCode }).toEqual({ code: null, signal: null });
      } finally {
        innocent.kill('SIGKILL');
      }
    },
  );

  it('is refused while a repair that was cut off is finished', async () => {
    const { instance, queue } = await brokenInstance();
    const { queueDirectory, configDirectory } = instance;
    const cut = new AbortController();
    const state = join(queueDirectory, 'postsnap');
    const watch = setInterval(() => {
      if (existsSync(state) && readdirSync(state).some((name) => name.endsWith('.journal'))) {
        cut.abort();
      }
    }, 1);
    await expect(repair({ configDirectory }, { signal: cut.signal })).rejects.toThrow('interrupted');
    clearInterval(watch);
    expect(await status({ configDirectory })).toMatchObject({ pending: [{ into: 'repair' }], running: false });
    expect(isLocked(queueDirectory)).toBe(false);
    const seen = new Set<boolean>();
    const events: OperationEvent[] = [];
    const { pending, restored } = await finishRestores(
      { configDirectory, onMapping: () => void seen.add(isLocked(queueDirectory)) },
      { onEvent: (event) => void events.push(event) },
    );
    expect(pending).toEqual([]);
    expect(restored).toBeGreaterThan(0);
    expect([...seen]).toEqual([true]);
    expect(events.filter(({ kind }) => kind === 'warning')).toEqual([]);
    expect(isLocked(queueDirectory)).toBe(false);
    expect(new QueueJudge(nodeFileSystem, queueDirectory, queue).losses()).toMatchObject({ lost: [], doubled: [] });
  });

  it('comes first: then the repair changes nothing', async () => {
    postfix = await createInstance();
    await postfix.start();
    const { status, stderr } = await start(['repair', '-c', postfix.configDirectory]).ended;
    expect(status).toBe(75);
    expect(stderr).toContain('Postfix works on');
  });
});

/** Whether somebody has a shared lock. Trying for one, as master does, would be in the way of the repair. */
function isLocked(queueDirectory: string): boolean {
  const inode = statSync(join(queueDirectory, 'pid/master.pid'), { throwIfNoEntry: false })?.ino;
  const locks = readFileSync('/proc/locks', 'utf8').split('\n');
  return locks.some((line) => line.includes(`:${inode} `) && line.includes('READ'));
}
