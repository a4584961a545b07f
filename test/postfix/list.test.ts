import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { run, runOrFail } from '../support/postfix/command.ts';
import { createInstance, type InstanceOptions, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { isPostfixBefore } from '../support/postfix/version.ts';
import { type CommandResult, postsnap } from '../support/process/command.ts';
import { scratchDirectory } from '../support/queue/sample-queue.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const DATA = 'From: alice@example.com\nTo: bob@example.org\nSubject: hello\n\nHello.\n';
const LONG_LOCAL_PART = 'x'.repeat(60);

/** The messages of a listing as `postqueue -p` prints it, in an order of our own: its is that of the directories. */
function blocks(listing: string): { heading: string; messages: string[]; trailer: string } {
  const [first = '', ...rest] = listing.trimEnd().split('\n\n');
  const [heading = '', ...lines] = first.split('\n');
  const trailer = rest.pop() ?? '';
  return { heading, messages: [lines.join('\n'), ...rest].sort(), trailer };
}

/** A line as `postqueue -j` before 3.11 writes it. No bounce is pending here. */
function asInstalled(line: string): string {
  return isPostfixBefore(3, 11) ? line.replace(/"orig_address": "(?:[^"\\]|\\.)*", /gu, '') : line;
}

describeWithPostfix('listing an archive, judged by postqueue', () => {
  let scratch: string;
  const instances: PostfixInstance[] = [];
  beforeEach(() => {
    scratch = scratchDirectory();
  });
  afterEach(async () => {
    await Promise.all(instances.splice(0).map((instance) => instance.dispose()));
    rmSync(scratch, { recursive: true });
  });

  /** A stopped Postfix with mail in every queue that postqueue shows, and with recipients that Postfix added. */
  async function filledInstance(options: InstanceOptions = {}): Promise<PostfixInstance> {
    const parameters = {
      always_bcc: 'archive@example.com',
      smtpd_sender_restrictions: 'check_sender_access inline:{ untried@example.com=HOLD }',
      ...options.parameters,
    };
    const postfix = await createInstance({ parameters, without: ['pickup'] });
    instances.push(postfix);
    await postfix.start();
    const ids = await postfix.submitAll([
      { from: 'alice@example.com', to: ['bob@example.org', 'carol@example.net'], data: DATA },
      { from: '', to: ['bob@example.org'], data: DATA },
      { from: '"a \\"b\\" c"@example.com', to: ['"x y"@example.org', `${LONG_LOCAL_PART}@example.org`], data: DATA },
      { from: 'jörg@example.com', to: ['日本@example.org'], data: DATA, smtputf8: true },
      { from: 'held@example.com', to: ['bob@example.org'], data: `${DATA}${'y'.repeat(70)}\n`.repeat(50) },
      { from: 'expired@example.com', to: ['bob@example.org'], data: DATA },
    ]);
    await postfix.waitFor(
      () => ids.every((id) => postfix.queuesOf(id).join() === 'defer,deferred'),
      'all mail to be deferred',
    );
    await postfix.submitSmtp({ from: 'untried@example.com', to: ['bob@example.org'], data: DATA });
    await postfix.submitSendmail(['-f', 'local@example.com', 'bob@example.org'], DATA);
    await postfix.stop();
    const [, , , , held = '', expired = ''] = ids;
    await postfix.postsuper('-h', held);
    await postfix.postsuper('-e', expired);
    return postfix;
  }

  function backUp(postfix: PostfixInstance): string {
    const archive = join(scratch, 'queue.tar.zst');
    const result: CommandResult = postsnap(['backup', '-c', postfix.configDirectory, archive]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    return archive;
  }

  it.each([['no'], ['yes']])('as text, with enable_long_queue_ids = %s', async (enable_long_queue_ids) => {
    const postfix = await filledInstance({ parameters: { enable_long_queue_ids } });
    const { stdout, stderr, status } = postsnap(['list', backUp(postfix)]);
    expect([status, stderr]).toEqual([0, '']);
    const judge = await run('postqueue', ['-c', postfix.configDirectory, '-p'], { env: { TZ: 'UTC' } });
    expect(blocks(stdout)).toEqual(blocks(judge.stdout));
    expect(blocks(stdout).messages).toHaveLength(8);
  });

  it('as JSON: each line begins with what postqueue writes, byte for byte', async () => {
    const postfix = await filledInstance();
    const ours = postsnap(['list', '-j', backUp(postfix)])
      .stdout.trimEnd()
      .split('\n')
      .sort();
    const { stdout } = await runOrFail('postqueue', ['-c', postfix.configDirectory, '-j']);
    const theirs = stdout.trimEnd().split('\n').sort();
    expect(theirs).toHaveLength(8);
    expect(ours.map((line) => asInstalled(line.replace(/, "state": "queued", "sha256": .*$/u, '}')))).toEqual(theirs);
  });

  it('shows a queue file as postcat shows the original', async () => {
    const postfix = await filledInstance();
    const archive = backUp(postfix);
    for (const { queueName, name, path } of postfix.queueFiles().filter(({ queueName }) => queueName !== 'defer')) {
      const { bytes, status } = postsnap(['cat', archive, `${queueName}/${name}`]);
      expect(status).toBe(0);
      // Not through a pipe: postcat seeks at the end of the file.
      const copy = join(scratch, 'copy');
      writeFileSync(copy, bytes);
      const original = await postfix.postcat(path);
      const shown = (await postfix.postcat(copy)).toString('latin1').replaceAll(copy, path);
      expect(shown).toBe(original.toString('latin1').replaceAll(join(postfix.queueDirectory, path), path));
      expect(original.length).toBeGreaterThan(300);
    }
  });

  it('shows the message itself as postcat -bh does', async () => {
    const postfix = await filledInstance();
    const archive = backUp(postfix);
    const held = postfix.queueFiles().find(({ queueName, size }) => queueName === 'hold' && size > 3000);
    const { bytes } = postsnap(['cat', '--message', archive, held?.name ?? '']);
    expect(bytes.toString('latin1')).toBe((await postfix.postcat(held?.path ?? '', '-bh')).toString('latin1'));
    expect(bytes.length).toBeGreaterThan(3000);
  });

  it('finds an empty queue empty', async () => {
    const postfix = await createInstance();
    instances.push(postfix);
    expect(postsnap(['list', backUp(postfix)])).toMatchObject({
      status: 0,
      stdout: 'Mail queue is empty\n',
      stderr: '',
    });
  });
});
