/** Postfix is not started in a queue that is being repaired, whatever moment it is tried at. */

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { seededRandom } from '../support/disk/random.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { waitFor } from '../support/postfix/wait.ts';
import { start } from '../support/process/process.ts';
import { plantBrokenQueue } from '../support/repair/broken-queue.ts';
import { QueueJudge } from '../support/repair/judge.ts';

vi.setConfig({ testTimeout: 120_000 });

describeWithPostfix('postfix start while a queue is repaired', () => {
  let postfix: PostfixInstance | undefined;

  afterEach(() => postfix?.dispose());

  it('is refused until the repair has ended, and nothing is half', async () => {
    postfix = await createInstance({ parameters: { enable_long_queue_ids: 'no' } });
    const { queueDirectory, configDirectory } = postfix;
    const uid = postfix.queueOwner();
    const queue = plantBrokenQueue({
      fs: nodeFileSystem,
      queueDirectory,
      random: seededRandom(3),
      owner: { uid, gid: statSync(join(queueDirectory, 'incoming')).gid },
      messages: 600,
      nowNs: BigInt(Date.now()) * 1_000_000n,
    });
    const begun = start(['repair', '-q', '-c', configDirectory]);
    await waitFor(() => begun.hasEnded() || isLocked(queueDirectory), 'the repair to begin');
    // Its lock stays for as long as it is stopped.
    process.kill(begun.pid, 'SIGSTOP');
    try {
      await expect(postfix.start()).rejects.toThrow('already running');
    } finally {
      process.kill(begun.pid, 'SIGCONT');
    }
    const { status, stderr } = await begun.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const judge = new QueueJudge(nodeFileSystem, queueDirectory, queue);
    expect(judge.losses()).toEqual({ lost: [], doubled: [], foreign: [], lostLogs: [] });
    expect(judge.untidy(uid)).toEqual([]);
    await postfix.start();
  });

  it('comes first: then the repair changes nothing', async () => {
    postfix = await createInstance();
    await postfix.start();
    const { status, stderr } = await start(['repair', '-c', postfix.configDirectory]).ended;
    expect(status).toBe(75);
    expect(stderr).toContain('Postfix works on');
  });
});

/** As master(8) would see it. */
function isLocked(queueDirectory: string): boolean {
  return spawnSync('flock', ['-n', '-x', join(queueDirectory, 'pid/master.pid'), 'true']).status === 1;
}
