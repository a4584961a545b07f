/** Broken queues of a real Postfix, mended by postsnap, and beside it by `postsuper -s`; the README's commands as they stand there. */

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { repair } from '../../src/index.ts';
import { seededRandom } from '../support/disk/random.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import { emptied } from '../support/postfix/target.ts';
import { type BrokenQueue, plantBrokenQueue } from '../support/repair/broken-queue.ts';
import { type Losses, QueueJudge } from '../support/repair/judge.ts';
import { small } from './estate-messages.ts';

vi.setConfig({ testTimeout: 300_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const QUEUES = 8;
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
      await repair({ configDirectory: instance.configDirectory });
      expect(losses(world)).toEqual({ lost: [], doubled: [], foreign: [], lostLogs: [] });
      const { queueDirectory } = instance;
      expect(new QueueJudge(nodeFileSystem, queueDirectory, queue).untidy(instance.queueOwner())).toEqual([]);
      const before = instance.queueFiles().map(({ path }) => path);
      expect(await instance.postsuper('-s')).toMatchObject({ status: 0, stderr: '' });
      expect(instance.queueFiles().map(({ path }) => path)).toEqual(before);
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

  /** The first block of commands after a heading of the README, run as it stands there. */
  function runCommands(heading: string, instance: PostfixInstance): { status: number | null; said: string } {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const block = /^```console\n(.*?)^```/msu.exec(readme.slice(readme.indexOf(heading)))?.[1] ?? 'false';
    const script = `
      postfix() { command postfix -c '${instance.configDirectory}' "$@"; }
      postsnap() { node '${ROOT}bin/postsnap.js' "$@" -c '${instance.configDirectory}'; }
      ${block.replace('postfix stop', ':').replace('postfix start', ':')}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }

  /** Deferred mail, and a Postfix that is stopped. */
  async function deferredMail(): Promise<PostfixInstance> {
    const instance = await createInstance();
    postfix = instance;
    await instance.start();
    const ids = await instance.submitAll(['one', 'two', 'three'].map((id) => small(id)));
    await instance.waitFor(() => ids.every((id) => instance.queuesOf(id).join() === 'defer,deferred'), 'deferred mail');
    await instance.stop();
    return instance;
  }

  async function expectDelivered(instance: PostfixInstance): Promise<void> {
    const sink = await startSink({ port: instance.relayPort });
    try {
      await instance.start();
      await emptied(instance);
      expect(sink.deliveries.map(({ id }) => id).sort()).toEqual(['one', 'three', 'two']);
    } finally {
      await instance.stop();
      await sink.close();
    }
  }

  it('delivers what chmod -R would have had it return, by the commands of the README', async () => {
    const instance = await deferredMail();
    for (const name of readdirSync(join(instance.queueDirectory, 'deferred'), { recursive: true })) {
      chmodSync(join(instance.queueDirectory, 'deferred', String(name)), 0o777);
    }
    expect(runCommands('### Somebody ran chmod -R', instance)).toMatchObject({ status: 0 });
    await expectDelivered(instance);
  });

  it('delivers what a copy of the queue has stuck, by the commands of the README', async () => {
    const instance = await deferredMail();
    const { queueDirectory } = instance;
    renameSync(queueDirectory, `${queueDirectory}.old`);
    cpSync(`${queueDirectory}.old`, queueDirectory, {
      recursive: true,
      preserveTimestamps: true,
      // Sockets: Postfix makes them anew.
      filter: (path) => statSync(path).isDirectory() || statSync(path).isFile(),
    });
    rmSync(`${queueDirectory}.old`, { recursive: true });
    // All of it is root's now.
    const outcome = runCommands('### Somebody ran chmod -R', instance);
    expect(outcome).toMatchObject({ status: 0 });
    await expectDelivered(instance);
  });
});
