import { afterEach, expect, it, vi } from 'vitest';
import { createInstance, type InstanceOptions, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SinkOptions, type SmtpSink, startSink } from '../support/postfix/sink.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const MESSAGE: SmtpMessage = {
  from: 'alice@example.com',
  to: ['bob@example.org'],
  data: 'From: alice@example.com\nTo: bob@example.org\nSubject: hello\nX-Test-Id: m1\n\nHello.\n.dot\n',
};

describeWithPostfix('a private Postfix instance', () => {
  const instances: PostfixInstance[] = [];
  const sinks: SmtpSink[] = [];

  async function started(options: InstanceOptions = {}): Promise<PostfixInstance> {
    const instance = await createInstance(options);
    instances.push(instance);
    await instance.start();
    return instance;
  }

  async function sinkOn(options: SinkOptions): Promise<SmtpSink> {
    const sink = await startSink(options);
    sinks.push(sink);
    return sink;
  }

  afterEach(async () => {
    await Promise.all(instances.splice(0).map((instance) => instance.dispose()));
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
  });

  it('defers mail while nothing listens at the relay port, and delivers it later', async () => {
    const postfix = await started();
    const queueId = await postfix.submitSmtp(MESSAGE);
    await postfix.waitFor(() => postfix.queuesOf(queueId).join() === 'defer,deferred', 'deferral');
    expect(await postfix.postqueue()).toMatchObject([
      {
        queue_name: 'deferred',
        queue_id: queueId,
        sender: 'alice@example.com',
        recipients: [{ address: 'bob@example.org', delay_reason: expect.stringContaining('refused') }],
      },
    ]);
    expect(await postfix.postqueueText()).toContain('1 Request');

    const sink = await sinkOn({ port: postfix.relayPort });
    await postfix.flush();
    await postfix.waitFor(() => postfix.queueFiles().length === 0, 'an empty queue');
    expect(sink.counts()).toEqual(new Map([['m1 bob@example.org', 1]]));
    expect(sink.deliveries.at(0)?.data.toString()).toMatch(/\r\n\r\nHello\.\r\n\.dot\r\n$/);
  });

  it('delivers to one recipient, keeps another, bounces a third, and is dropped by a fourth', async () => {
    const postfix = await started();
    const answers = { 'later@example.org': '450', 'never@example.org': '550' } as const;
    const sink = await sinkOn({ port: postfix.relayPort, answers });
    sink.setAnswer('drop@example.org', 'drop');
    const to = ['bob@example.org', 'later@example.org', 'never@example.org'];
    const [mixed = '', dropped = ''] = await postfix.submitAll([
      { ...MESSAGE, to },
      { ...MESSAGE, to: ['drop@example.org'] },
    ]);
    const states = () => [postfix.queuesOf(mixed).join(), postfix.queuesOf(dropped).join()];
    await postfix.waitFor(
      () => states().every((state) => state === 'defer,deferred') && sink.deliveries.length === 2,
      'both deferrals and the bounce',
    );
    expect(sink.count('bob@example.org', 'm1')).toBe(1);
    // The notice of the failed recipient goes to the sender at once.
    expect(sink.count('alice@example.com')).toBe(1);

    sink.setAnswer('later@example.org', '250');
    sink.setAnswer('drop@example.org', '250');
    await postfix.flush();
    await postfix.waitFor(() => postfix.queueFiles().length === 0, 'an empty queue');
    expect(sink.count('bob@example.org', 'm1')).toBe(1);
    expect(sink.count('later@example.org', 'm1')).toBe(1);
    expect(sink.count('drop@example.org')).toBe(1);
    expect(sink.count('never@example.org')).toBe(0);
  });

  it('keeps a bounce log where the notice can not be sent', async () => {
    const postfix = await started();
    const queueId = await postfix.submitSmtp({
      ...MESSAGE,
      to: ['later@example.org', 'never@example.org'],
    });
    await postfix.waitFor(() => postfix.queuesOf(queueId).join() === 'defer,deferred', 'deferral');
    // bounce needs cleanup to make a notice.
    postfix.setService('cleanup', false);
    await postfix.reload();
    const answers = { 'later@example.org': '450', 'never@example.org': '550' } as const;
    await sinkOn({ port: postfix.relayPort, answers });
    await postfix.flush();
    await postfix.waitFor(() => postfix.queuesOf(queueId).join() === 'bounce,defer,deferred', 'a pending bounce');
  });

  it('holds mail, lists its files and shows its content', async () => {
    const postfix = await started();
    const queueId = await postfix.submitSmtp(MESSAGE);
    await postfix.waitFor(() => postfix.queuesOf(queueId).includes('deferred'), 'deferral');
    expect(await postfix.postsuper('-h', queueId)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('Placed on hold: 1 message'),
    });
    const held = postfix.filesOf(queueId).find(({ queueName }) => queueName === 'hold');
    expect(held).toMatchObject({ path: `hold/${queueId}`, mode: 0o700, links: 1 });
    expect(held?.uid).not.toBe(0);
    expect((await postfix.postcat(queueId, '-b')).toString()).toBe('\nHello.\n.dot\n');
    expect((await postfix.postcat(`hold/${queueId}`, '-b')).toString()).toBe('\nHello.\n.dot\n');
    expect(await postfix.postsuper('-h', 'NOSUCHID')).toMatchObject({ status: 0 });
  });

  it('leaves submitted mail in maildrop without a pickup service', async () => {
    const postfix = await started({ without: ['pickup'] });
    const sent = await postfix.submitSendmail(
      ['-f', 'alice@example.com', 'bob@example.org'],
      'Subject: dropped\n\nHello.\n',
    );
    expect(sent).toMatchObject({ status: 0 });
    expect(postfix.queueFiles()).toMatchObject([{ queueName: 'maildrop', mode: 0o744, uid: 0 }]);

    const sink = await sinkOn({ port: postfix.relayPort });
    postfix.setService('pickup', true);
    await postfix.reload();
    await postfix.waitFor(() => sink.count('bob@example.org') === 1, 'delivery');
  });

  it('takes mail from an ordinary user', async () => {
    const postfix = await started({ without: ['pickup'] });
    const sent = await postfix.submitSendmail(['bob@example.org'], 'Subject: x\n\n', {
      uid: 65_534,
      gid: postfix.queueGroup(),
    });
    expect(sent).toMatchObject({ status: 0 });
    expect(postfix.queueFiles()).toMatchObject([{ queueName: 'maildrop', uid: 65_534 }]);
  });

  it('stops, starts again without complaint, and finds its queue as it was', async () => {
    const postfix = await started({ parameters: { enable_long_queue_ids: 'yes' } });
    const queueId = await postfix.submitSmtp(MESSAGE);
    expect(queueId).toMatch(/^[0-9B-Zb-z]{10,}z[0-9B-Zb-z]+$/);
    await postfix.waitFor(() => postfix.queuesOf(queueId).includes('deferred'), 'deferral');
    await postfix.stop();
    expect(postfix.isRunning).toBe(false);
    expect(await postfix.check()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const before = postfix.queueFiles();

    await postfix.start();
    expect(postfix.isRunning).toBe(true);
    expect(postfix.queueFiles()).toEqual(before);
    expect(await postfix.postqueue()).toMatchObject([{ queue_id: queueId }]);
    expect(postfix.log()).not.toMatch(/fatal|panic/);
  });
});
