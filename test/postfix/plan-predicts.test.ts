/** A plan tells what the real Postfix then does: with what goes as planned, and with what would have gone otherwise. */

import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { plant } from '../support/postfix/planting.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';
import { backUp, type Restored, restoreInto } from '../support/postfix/snapshot-of.ts';
import { ENVELOPE, queueFile } from '../support/queue/queue-file-builder.ts';
import { small } from './estate-messages.ts';

const UNFIT = ['too-big', 'many-hops', 'long-line'];
const LIMITS = { message_size_limit: '20000', hopcount_limit: '20', line_length_limit: '1024' };

/** A header of its own, behind the one that names it, and a longer body. */
function changed(id: string, header: string, body: string): SmtpMessage {
  const { data, ...message } = small(id);
  return { ...message, data: `${header}${data.toString()}${body}` };
}

const MESSAGES: readonly SmtpMessage[] = [
  small('plain'),
  changed('too-big', '', `${'x'.repeat(70)}\n`.repeat(300)),
  changed('many-hops', 'Received: from a by b; Fri, 27 Nov 2026 10:00:00 +0000\n'.repeat(20), ''),
  changed('long-line', '', `${'y'.repeat(1500)}\n`),
];

/** Has Postfix try all, now and then: at once again it passes over what it is at. */
async function flushedUntil(postfix: PostfixInstance, isDone: () => boolean): Promise<void> {
  let flushed = 0;
  await postfix.waitFor(
    async () => {
      if (Date.now() - flushed > 1000) {
        await postfix.flush();
        flushed = Date.now();
      }
      return isDone();
    },
    'attempts',
    { timeoutMs: 90_000 },
  );
}

describeWithPostfix('a plan', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-predicts-'));
  const archive = join(directory, 'queue.postsnap');
  const instances: PostfixInstance[] = [];
  const sinks: SmtpSink[] = [];
  let files: Uint8Array[] = [];

  async function instance(options: Parameters<typeof createInstance>[0] = {}): Promise<PostfixInstance> {
    const postfix = await createInstance(options);
    instances.push(postfix);
    return postfix;
  }

  async function sinkOf(postfix: PostfixInstance): Promise<SmtpSink> {
    const sink = await startSink({ port: postfix.relayPort });
    sinks.push(sink);
    return sink;
  }

  async function deferredAt(source: PostfixInstance, messages: readonly SmtpMessage[]): Promise<void> {
    await source.start();
    const ids = await source.submitAll(messages);
    await source.waitFor(() => ids.every((id) => source.queuesOf(id).join() === 'defer,deferred'), 'deferral');
    await source.stop();
  }

  /** What a dry run tells is what the run does, message for message. */
  async function planned(postfix: PostfixInstance, options: Parameters<typeof restoreInto>[1]): Promise<Restored> {
    const dry = await restoreInto(postfix, { ...options, dryRun: true });
    const quick = await restoreInto(postfix, { ...options, dryRun: true, quick: true });
    const real = await restoreInto(postfix, options);
    const told = ({ mappings }: Restored) => mappings.map((mapping) => ({ ...mapping, new_queue_id: null }));
    expect(told(dry)).toEqual(told(real));
    expect(told(quick)).toEqual(told(real));
    expect(dry.report.routes).toEqual(real.report.routes);
    expect(dry.report.findings).toEqual(real.report.findings);
    return real;
  }

  const codes = ({ report }: Restored): string[] => report.findings.map(({ code }) => code);

  beforeAll(async () => {
    const source = await createInstance();
    try {
      await deferredAt(source, MESSAGES);
      await backUp(source, archive);
      files = source
        .queueFiles()
        .filter(({ queueName }) => queueName === 'deferred')
        .map(({ path }) => readFileSync(join(source.queueDirectory, path)));
    } finally {
      await source.dispose();
    }
  });

  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    await Promise.all(instances.splice(0).map((postfix) => postfix.dispose()));
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('keeps off maildrop what pickup and cleanup would delete or return, and all of it is delivered', async () => {
    const postfix = await instance({ parameters: LIMITS });
    const restored = await planned(postfix, { archive, into: 'maildrop' });
    expect(restored.report).toMatchObject({ restored: 4, failed: 0 });
    expect(codes(restored)).toEqual(['too-big-in-place', 'long-record-in-place', 'many-hops-in-place']);
    expect(restored.report.routes).toMatchObject([
      { from: 'deferred', to: 'maildrop', messages: 1 },
      { from: 'deferred', to: 'deferred', messages: 3 },
    ]);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await flushedUntil(postfix, () => sink.deliveries.length >= 4);
    expect(sink.deliveries.map(({ id }) => id).sort()).toEqual(['plain', ...UNFIT].sort());
    expect(postfix.log()).not.toMatch(/hopcount exceeded|too big|malformed|from=<>/u);
  });

  it('is right about these: by hand in maildrop, none of them arrives', async () => {
    const postfix = await instance({ parameters: LIMITS });
    for (const bytes of files) {
      plant(postfix, { queueName: 'maildrop', bytes });
    }
    const sink = await sinkOf(postfix);
    await postfix.start();
    const isOver = (): boolean => postfix.queueFiles().every(({ queueName }) => queueName === 'defer');
    await postfix.waitFor(() => isOver() && sink.deliveries.length > 0, 'pickup');
    const arrived = sink.deliveries.filter(({ sender }) => sender !== '').map(({ id }) => id);
    expect(arrived).toEqual(['plain']);
  });

  it('tells of maildrop without pickup: there it stays', async () => {
    const postfix = await instance({ without: ['pickup'] });
    const restored = await planned(postfix, { archive, into: 'maildrop' });
    expect(restored.report.findings).toMatchObject([{ code: 'no-pickup', severity: 'problem', messages: 4 }]);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(sink.deliveries).toEqual([]);
    expect(postfix.queueFiles().filter(({ queueName }) => queueName === 'maildrop')).toHaveLength(4);
  });

  it('tells of a filter that the target has not: the message waits; through maildrop it is delivered', async () => {
    const source = await instance({ parameters: { content_filter: 'scan:[127.0.0.1]:1' } });
    await deferredAt(source, [small('filtered')]);
    const filtered = join(directory, 'filtered.postsnap');
    await backUp(source, filtered);
    const postfix = await instance();
    const restored = await planned(postfix, { archive: filtered });
    expect(restored.report.findings).toMatchObject([{ code: 'no-filter-transport', messages: 1 }]);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await flushedUntil(postfix, () => /mail transport unavailable/u.test(postfix.log()));
    expect(sink.deliveries).toEqual([]);
    const other = await instance();
    expect(codes(await planned(other, { archive: filtered, into: 'maildrop' }))).toEqual([]);
    const otherSink = await sinkOf(other);
    await other.start();
    await other.waitFor(() => otherSink.deliveries.length === 1, 'delivery');
  });

  it('tells of recipients that are added, addresses that are rewritten, and checks that discard, once more', async () => {
    const checks = join(directory, 'checks');
    writeFileSync(checks, '/^X-Test-Id: long-line/ DISCARD\n');
    const canonical = join(directory, 'canonical');
    writeFileSync(canonical, '/^too-big@example.com$/ renamed@example.com\n');
    const parameters = {
      always_bcc: 'archive@example.org',
      header_checks: `regexp:${checks}`,
      sender_canonical_maps: `regexp:${canonical}`,
    };
    const postfix = await instance({ parameters });
    const restored = await planned(postfix, { archive, into: 'maildrop' });
    expect(codes(restored)).toEqual(['bcc-again', 'checks-again', 'rewriting-again']);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await postfix.waitFor(() => sink.deliveries.length === 6, 'delivery');
    const got = sink.deliveries.map(({ id, recipient }) => `${id} ${recipient}`).sort();
    const arrived = ['plain', 'too-big', 'many-hops'];
    expect(got).toEqual(arrived.flatMap((id) => [`${id} archive@example.org`, `${id} bob@example.org`]).sort());
    const senders = new Set(sink.deliveries.map(({ sender }) => sender));
    expect([senders.has('renamed@example.com'), senders.has('too-big@example.com')]).toEqual([true, false]);
  });

  it('tells of what is past its lifetime: one try more, and it is returned', async () => {
    const postfix = await instance({ parameters: { maximal_queue_lifetime: '1s', bounce_queue_lifetime: '1s' } });
    const restored = await planned(postfix, { archive });
    expect(restored.report.findings).toMatchObject([{ code: 'past-lifetime', messages: 4 }]);
    await postfix.start();
    const isReturned = (id: string): boolean =>
      new RegExp(`from=<${id}@example.com>, status=expired, returned to sender`, 'u').test(postfix.log());
    await flushedUntil(postfix, () => ['plain', ...UNFIT].every(isReturned));
  });

  it('tells of what postsuper -e expired: it is returned without a try', async () => {
    const source = await instance();
    await source.start();
    const [expired = '', other = ''] = await source.submitAll([small('expired'), small('other')]);
    await source.waitFor(() => [expired, other].every((id) => source.queuesOf(id).join() === 'defer,deferred'), 'rest');
    await source.stop();
    await source.postsuper('-e', expired);
    const forced = join(directory, 'forced.postsnap');
    await backUp(source, forced);
    const postfix = await instance();
    const restored = await planned(postfix, { archive: forced });
    expect(restored.report.findings).toMatchObject([
      { code: 'forced-expiry', messages: 1, examples: [{ queue_name: 'deferred', queue_id: expired }] },
    ]);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await flushedUntil(postfix, () => sink.deliveries.length >= 2);
    expect(postfix.log()).toMatch(/from=<expired@example\.com>, status=force-expired, returned to sender/u);
    const got = sink.deliveries.map(({ sender, recipient }) => `${sender} ${recipient}`).sort();
    expect(got).toEqual([' expired@example.com', 'other@example.com bob@example.org']);
  });

  it('tells of a next try that lies far ahead: Postfix passes over it; with --retry-now it does not', async () => {
    const source = await instance();
    await deferredAt(source, [small('ahead'), small('due')]);
    const far = new Date(Date.now() + 30 * 86_400_000);
    for (const { path, queueName } of source.queueFiles()) {
      const isAhead =
        queueName === 'deferred' && readFileSync(join(source.queueDirectory, path)).includes('ahead@example.com');
      const time = isAhead ? far : new Date(Date.now() - 60_000);
      utimesSync(join(source.queueDirectory, path), time, time);
    }
    const ahead = join(directory, 'ahead.postsnap');
    await backUp(source, ahead);
    const arrivedAt = async (retryNow: boolean, count: number): Promise<readonly string[]> => {
      const postfix = await instance();
      const restored = await planned(postfix, { archive: ahead, retryNow });
      const farthest = Math.floor(far.getTime() / 1000);
      expect(restored.report.findings).toMatchObject(
        retryNow ? [] : [{ code: 'next-try-far-ahead', messages: 1, farthest }],
      );
      const sink = await sinkOf(postfix);
      await postfix.start();
      await postfix.waitFor(() => sink.deliveries.length >= count, 'delivery');
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return sink.deliveries.map(({ id }) => id).sort();
    };
    expect(await arrivedAt(false, 1)).toEqual(['due']);
    expect(await arrivedAt(true, 2)).toEqual(['ahead', 'due']);
  });

  it('keeps off maildrop what is on hold, and what a notice is owed for: it is sent, and nothing is released', async () => {
    const source = await instance();
    const before = await sinkOf(source);
    before.setAnswer('gone@example.org', '450');
    before.setAnswer('bob@example.org', '450');
    await source.start();
    const pending = { ...small('pending'), to: ['gone@example.org', 'bob@example.org'] };
    const [owed = '', held = ''] = await source.submitAll([pending, small('held'), small('plain')]);
    const isAtRest = (): boolean =>
      source.queueFiles().every(({ queueName }) => ['defer', 'deferred', 'bounce'].includes(queueName));
    await source.waitFor(isAtRest, 'deferral');
    // Without cleanup(8) no notice can be made.
    source.setService('cleanup', false);
    await source.reload();
    before.setAnswer('gone@example.org', '550');
    await flushedUntil(source, () => source.queuesOf(owed).includes('bounce') && isAtRest());
    source.setService('cleanup', true);
    await source.postsuper('-h', held);
    await source.stop();
    const mixed = join(directory, 'mixed.postsnap');
    await backUp(source, mixed);
    const postfix = await instance();
    const restored = await planned(postfix, { archive: mixed, into: 'maildrop' });
    expect(restored.report.findings).toMatchObject([
      { code: 'held-in-place', messages: 1, examples: [{ queue_id: held }] },
      { code: 'notice-in-place', messages: 1, examples: [{ queue_id: owed }] },
    ]);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await flushedUntil(postfix, () => sink.deliveries.length >= 3);
    const got = sink.deliveries.map(({ sender, recipient }) => `${sender} ${recipient}`).sort();
    expect(got).toEqual([
      ' pending@example.com',
      'pending@example.com bob@example.org',
      'plain@example.com bob@example.org',
    ]);
    expect(postfix.queueFiles().filter(({ queueName }) => queueName === 'hold')).toHaveLength(1);
  });

  it('keeps off maildrop what has too many attributes: by hand in maildrop Postfix deletes it', async () => {
    const attributes = Array.from({ length: 60 }, (_, number) => ['A', `a${number}=somewhat`] as const);
    const now = ['T', `${Math.floor(Date.now() / 1000)} 123456`] as const;
    const bytes = queueFile({ envelope: [now, ...ENVELOPE.slice(1), ...attributes] });
    const source = await instance();
    plant(source, { queueName: 'deferred', bytes });
    const many = join(directory, 'many.postsnap');
    await backUp(source, many);
    const parameters = { queue_file_attribute_count_limit: '50' };
    const postfix = await instance({ parameters });
    const restored = await planned(postfix, { archive: many, into: 'maildrop' });
    expect(restored.report.findings).toMatchObject([{ code: 'many-attributes-in-place', messages: 1, limit: 50 }]);
    const sink = await sinkOf(postfix);
    await postfix.start();
    await flushedUntil(postfix, () => sink.deliveries.length >= 1);
    const byHand = await instance({ parameters });
    plant(byHand, { queueName: 'maildrop', bytes });
    const none = await sinkOf(byHand);
    await byHand.start();
    await byHand.waitFor(() => byHand.queueFiles().length === 0, 'pickup');
    expect(none.deliveries).toEqual([]);
    expect(byHand.log()).toMatch(/attribute/u);
  });
});
