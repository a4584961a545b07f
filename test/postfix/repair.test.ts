/** Broken queues of a real Postfix, mended by postsnap, and beside it by `postsuper -s`. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { repair } from '../../src/index.ts';
import { seededRandom } from '../support/disk/random.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type BrokenQueue, plantBrokenQueue } from '../support/repair/broken-queue.ts';
import { type Losses, QueueJudge } from '../support/repair/judge.ts';

/** POSTSNAP_QUEUES=1000 is for a long run. */
const QUEUES = Number(process.env['POSTSNAP_QUEUES'] ?? 24);
vi.setConfig({ testTimeout: 300_000 * Math.ceil(QUEUES / 24) });

const MESSAGES = 40;

describeWithPostfix('a queue that is repaired', () => {
  let postfix: PostfixInstance | undefined;

  afterEach(() => postfix?.dispose());

  async function broken(seed: number): Promise<{ instance: PostfixInstance; queue: BrokenQueue }> {
    await postfix?.dispose();
    const instance = await createInstance({ parameters: { enable_long_queue_ids: 'no' } });
    postfix = instance;
    const uid = instance.queueOwner();
    const queue = plantBrokenQueue({
      fs: nodeFileSystem,
      queueDirectory: instance.queueDirectory,
      random: seededRandom(seed),
      owner: { uid, gid: statSync(join(instance.queueDirectory, 'incoming')).gid },
      messages: MESSAGES,
      nowNs: BigInt(Date.now()) * 1_000_000n,
    });
    return { instance, queue };
  }

  function losses({ instance, queue }: { instance: PostfixInstance; queue: BrokenQueue }): Losses {
    return new QueueJudge(nodeFileSystem, instance.queueDirectory, queue).losses();
  }

  it('leaves postsuper nothing to do, and postfix check nothing to say', async () => {
    const sums = { lost: 0, doubled: 0, foreign: 0, lostLogs: 0, untidy: 0 };
    for (let seed = 0; seed < QUEUES; seed += 1) {
      const world = await broken(seed);
      const { instance, queue } = world;
      const orphans = new Set<string>();
      await repair({
        configDirectory: instance.configDirectory,
        onFinding: ({ finding: { code, queueName, queueId } }) =>
          void (code === 'orphan-log' && orphans.add(`${queueName}/${queueId}`)),
      });
      expect(losses(world)).toEqual({ lost: [], doubled: [], foreign: [], lostLogs: [] });
      const { queueDirectory } = instance;
      expect(new QueueJudge(nodeFileSystem, queueDirectory, queue).untidy(instance.queueOwner())).toEqual([]);
      // Logs that are no message's are left alone; postsuper takes their suffix, and moves them to their hash directory.
      const files = (): string[] =>
        instance
          .queueFiles()
          .map(({ path }) => path)
          .filter((path) => !orphans.has(`${path.split('/')[0]}/${path.split('/').at(-1)?.replace('#FIX', '')}`));
      const before = files();
      expect(await instance.postsuper('-s')).toMatchObject({ status: 0, stderr: '' });
      expect(files()).toEqual(before);
      const checked = await instance.check();
      // Of what Postfix can't read it tells for as long as that is there.
      const complaints = checked.stderr.split('\n').filter((line) => !line.includes('damaged message: corrupt/'));
      expect({ ...checked, stderr: complaints.join('\n') }).toMatchObject({ status: 0, stderr: '', stdout: '' });
      const again = await repair({ configDirectory: instance.configDirectory });
      expect(again).toMatchObject({ repaired: 0, unrepaired: 0 });

      const other = await broken(seed);
      await other.instance.postsuper('-s');
      const { lost, doubled, foreign, lostLogs } = losses(other);
      const judge = new QueueJudge(nodeFileSystem, other.instance.queueDirectory, other.queue);
      sums.lost += lost.length;
      sums.doubled += doubled.length;
      sums.foreign += foreign.length;
      sums.lostLogs += lostLogs.length;
      sums.untidy += judge.untidy(other.instance.queueOwner()).length;
    }
    console.info(`postsuper -s, of ${QUEUES * MESSAGES} messages: ${JSON.stringify(sums)}; postsnap repair: none`);
  });
});
