/** `postsnap release`: what is on hold is delivered, at the pace that was asked for, once each. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runOrFail } from '../support/postfix/command.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { countsOf, submitDeferred } from '../support/postfix/small-queue.ts';
import { type Ended, start } from '../support/process/process.ts';
import { small } from './estate-messages.ts';

const IDS = Array.from({ length: 6 }, (_, index) => `held-${index}`);

describeWithPostfix('a release of what is on hold', () => {
  let postfix: PostfixInstance;
  let sink: SmtpSink | undefined;
  let queueIds: string[];

  beforeEach(async () => {
    postfix = await createInstance({ parameters: { in_flow_delay: '0' } });
    await postfix.start();
    queueIds = [];
    for (const id of IDS) {
      queueIds.push(...(await submitDeferred(postfix, [id])));
      await sleep(1100);
    }
    for (const queueId of queueIds) {
      await postfix.postsuper('-h', queueId);
    }
    sink = await startSink({ port: postfix.relayPort });
  });

  afterEach(async () => {
    await postfix.dispose();
    await sink?.close();
  });

  function release(...args: readonly string[]): Promise<Ended> {
    return start(['release', '-c', postfix.configDirectory, ...args]).ended;
  }

  async function configure(setting: string): Promise<void> {
    await runOrFail('postconf', ['-c', postfix.configDirectory, '-e', setting]);
  }

  async function delivered(count: number): Promise<SmtpSink> {
    const receiver = sink as SmtpSink;
    for (let waited = 0; receiver.deliveries.length < count; waited += 100) {
      expect(waited).toBeLessThan(60_000);
      await postfix.flush();
      await sleep(100);
    }
    return receiver;
  }

  function heldNow(): Promise<number> {
    return postfix.postqueue().then((all) => all.filter(({ queue_name }) => queue_name === 'hold').length);
  }

  it('delivers each once, and names what it did; a second one finds nothing', async () => {
    const dry = await release('-n', '-j');
    expect(JSON.parse(dry.stdout)).toMatchObject({ dry_run: true, released: 6, requeued: 0, left_on_hold: 0 });
    expect(await heldNow()).toBe(6);
    const [chosen = '', ...rest] = queueIds;
    const first = await release('-j', `${chosen}!`);
    expect([first.status, JSON.parse(first.stdout)]).toEqual([
      0,
      {
        queue_directory: postfix.queueDirectory,
        dry_run: false,
        left_on_hold: 5,
        missing_ids: [],
        released: 1,
        requeued: 0,
        failed: 0,
        failure: '',
      },
    ]);
    expect((await delivered(1)).counts()).toEqual(countsOf(['held-0'], 1));
    const gone = await release(chosen);
    expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining(`${chosen}: no such message on hold`)]);
    const others = await release('-v', '--sender', '@example.com', '--exclude-id', rest[0] ?? '');
    expect(others).toMatchObject({
      status: 0,
      stdout: `Released 4 messages of ${postfix.queueDirectory}. 1 message left on hold.\n`,
    });
    expect(others.stderr).toContain(`${rest[1]}: released\n`);
    expect(await release()).toMatchObject({ status: 0, stdout: `Released 1 message of ${postfix.queueDirectory}.\n` });
    expect((await delivered(6)).counts()).toEqual(countsOf(IDS, 1));
    expect(await release()).toMatchObject({ status: 0, stdout: `Released 0 messages of ${postfix.queueDirectory}.\n` });
    expect(await release('--sender', 'nobody@example.net')).toMatchObject({ status: 1 });
  });

  it('requeues what Postfix would return after one try', async () => {
    await postfix.stop();
    await configure('maximal_queue_lifetime=2s');
    const { status, stdout } = await release('-j');
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { released: 6, requeued: 6, failed: 0 }]);
    expect(queueIds.map((id) => postfix.queuesOf(id).includes('hold'))).toEqual(IDS.map(() => false));
    await configure('maximal_queue_lifetime=5d');
    await postfix.start();
    expect((await delivered(6)).counts()).toEqual(countsOf(IDS, 1));
    for (const queueId of queueIds) {
      expect(postfix.log()).toContain(`orig_id=${queueId}`);
    }
  });

  it('drops no notice to a sender: what has one pending is released, not requeued, and that is told', async () => {
    const queueId = await postfix.submitSmtp({ ...small('bouncing'), to: ['bob@example.org', 'never@example.org'] });
    await sink?.close();
    postfix.setService('cleanup', false);
    await postfix.reload();
    const answers = { 'bob@example.org': '450', 'never@example.org': '550' } as const;
    sink = await startSink({ port: postfix.relayPort, answers });
    await postfix.flush();
    // bounce(8) needs cleanup(8) to make a notice.
    await postfix.waitFor(() => postfix.queuesOf(queueId).join() === 'bounce,defer,deferred', 'a pending bounce');
    await postfix.postsuper('-h', queueId);
    await postfix.stop();
    postfix.setService('cleanup', true);
    await configure('maximal_queue_lifetime=2s');
    const dry = await release('-n', '-j');
    expect(JSON.parse(dry.stdout)).toMatchObject({ released: 7, requeued: 6 });
    const { status, stdout, stderr } = await release('-j');
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { released: 7, requeued: 6, failed: 0 }]);
    expect(stderr).toContain('1 of what is too old: a notice to its sender is pending');
    expect(postfix.queuesOf(queueId)).toEqual(['bounce', 'defer', 'deferred']);
    await postfix.start();
    await postfix.flush();
    await postfix.waitFor(() => postfix.log().includes(`${queueId}: sender non-delivery notification`), 'the notice');
  });

  it('lets them go slowly, the oldest first; interrupted, it tells what was released, and goes on', async () => {
    const began = performance.now();
    const running = start(['release', '-c', postfix.configDirectory, '--rate', '24/min']);
    await delivered(2);
    process.kill(running.pid, 'SIGINT');
    const cut = await running.ended;
    expect(cut).toMatchObject({ status: 130 });
    expect(cut.stderr).toMatch(/interrupted by \w+: 2 were released, 4 are still on hold; the same command goes on\n/u);
    expect(await heldNow()).toBe(4);
    const resumed = performance.now();
    const rest = release('--rate', '24/min');
    const receiver = await delivered(6);
    expect(performance.now() - resumed).toBeGreaterThan(5000);
    expect(await rest).toMatchObject({ status: 0, stdout: `Released 4 messages of ${postfix.queueDirectory}.\n` });
    expect(performance.now() - began).toBeLessThan(40_000);
    const slices = [0, 2, 4].map((at) => receiver.deliveries.slice(at, at + 2).map(({ id }) => id));
    expect(slices.flatMap((slice) => slice.sort())).toEqual(IDS);
  });
});
