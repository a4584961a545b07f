/** Each way to choose messages and its opposite, and `diff`, of a queue that a real Postfix has made and works on. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { plant } from '../support/postfix/planting.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { maildropFile } from '../support/queue/queue-file-builder.ts';

const DAY = 86_400;
/** A message by its sender. */
const [OLD, LARGE, HELD] = ['old@one.example', 'large@two.example', 'held@three.example'];
const ALL = [OLD, LARGE, HELD].toSorted();

const letter = (size = 10): string => `Subject: test\n\n${'A line of text.\n'.repeat(size)}`;

interface Listed {
  readonly queue_id: string;
  readonly sender: string;
}

function jsonLines<Line>(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Line => JSON.parse(line));
}

describeWithPostfix('of a real queue', () => {
  let scratch: string;
  let postfix: PostfixInstance;
  let sink: SmtpSink;
  let archive: string;
  let listing: readonly Listed[];

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'postsnap-choice-'));
    chmodSync(scratch, 0o755);
    archive = join(scratch, 'queue.postsnap');
    postfix = await createInstance({ parameters: { in_flow_delay: '0' } });
    sink = await startSink({
      port: postfix.relayPort,
      defaultAnswer: '450',
      answers: { 'away@other.example': 'drop' },
    });
    const envelope = [
      ['T', `${Math.floor(Date.now() / 1000) - 3 * DAY} 123456`],
      ['A', 'rewrite_context=local'],
      ['S', OLD],
      ['R', 'bob@dest.example'],
    ] as const;
    plant(postfix, {
      queueName: 'maildrop',
      bytes: maildropFile({
        envelope,
        content: [
          ['N', 'Subject: x'],
          ['N', ''],
          ['N', 'x'],
        ],
      }),
    });
    // Behind what is planted: pickup(8) looks when it starts, and then for a minute not again.
    await postfix.start();
    await postfix.submitSmtp({ from: LARGE, to: ['away@other.example'], data: letter(2000) });
    const held = await postfix.submitSmtp({
      from: HELD,
      to: ['bob@dest.example', 'carol@dest.example'],
      data: letter(),
    });
    await deferred(3);
    await postfix.postsuper('-h', held);
    expect(postsnap(['backup', '-q', '-c', postfix.configDirectory, archive])).toMatchObject({ status: 0, stderr: '' });
    listing = jsonLines<Listed>(postsnap(['list', '-j', archive]).stdout);
    expect(listing.map(({ sender }) => sender).toSorted()).toEqual(ALL);
  }, 120_000);

  afterAll(async () => {
    await postfix.dispose();
    await sink.close();
    rmSync(scratch, { recursive: true });
  });

  async function deferred(messages: number): Promise<void> {
    const queues = (): string[] => postfix.queueFiles().map(({ queueName }) => queueName);
    await postfix.waitFor(async () => {
      const names = queues();
      const isIdle = !names.some((name) => ['maildrop', 'incoming', 'active'].includes(name));
      return isIdle && names.filter((name) => name === 'deferred').length === messages;
    }, 'all to be deferred');
  }

  const idOf = (wanted: string): string => listing.find(({ sender }) => sender === wanted)?.queue_id ?? '';
  const senders = (text: string): string[] =>
    jsonLines<Listed>(text)
      .map(({ sender }) => sender)
      .toSorted();

  const CRITERIA: readonly (readonly [name: string, value: () => string, chosen: readonly string[]])[] = [
    ['id', () => idOf(LARGE), [LARGE]],
    ['queues', () => 'hold', [HELD]],
    ['sender', () => '@one.example', [OLD]],
    ['recipient', () => '@dest.example', [OLD, HELD]],
    ['older', () => '1d', [OLD]],
    ['younger', () => '1d', [LARGE, HELD]],
    ['larger', () => '10k', [LARGE]],
    ['smaller', () => '10k', [OLD, HELD]],
    ['reason', () => '/mailbox busy/', [OLD, HELD]],
    ['state', () => 'queued', ALL],
  ];

  it.each(CRITERIA)('--%s chooses what its opposite leaves out', (name, value, chosen) => {
    const others = ALL.filter((sender) => !chosen.includes(sender));
    for (const [option, expected] of [
      [`--${name}`, chosen.toSorted()],
      [`--exclude-${name}`, others],
    ] as const) {
      const status = expected.length === 0 ? 1 : 0;
      const listed = postsnap(['list', '-j', option, value(), archive]);
      expect([option, listed.status, senders(listed.stdout)]).toEqual([option, status, expected]);
      const planned = postsnap([
        'restore',
        '-n',
        '-j',
        '-c',
        postfix.configDirectory,
        '--into',
        'hold',
        option,
        value(),
        archive,
      ]);
      const { not_selected } = JSON.parse(planned.stdout) as Record<string, unknown>;
      expect([option, planned.status, not_selected]).toEqual([option, status, 3 - expected.length]);
      if (['younger', 'smaller'].includes(name)) {
        const part = join(scratch, `${option.slice(2)}.postsnap`);
        expect(postsnap(['backup', '-q', '-c', postfix.configDirectory, option, value(), part]).status).toBe(0);
        expect(senders(postsnap(['list', '-j', part]).stdout)).toEqual(expected);
      }
    }
  });

  it('--id - takes the list of mailq', async () => {
    const listed = postsnap(['list', '-j', '--id', '-', archive], {
      input: Buffer.from(await postfix.postqueueText()),
    });
    expect([listed.status, listed.stderr, senders(listed.stdout)]).toEqual([0, '', ALL]);
    const left = postsnap(['list', '-j', '--exclude-id', '-', archive], {
      input: Buffer.from(await postfix.postqueueText()),
    });
    expect([left.status, left.stdout]).toEqual([1, '']);
  });

  it('a dry run with -c ends with the command that restores just that, as it stands', async () => {
    const target = await createInstance();
    try {
      const page = postsnap(['restore', '-n', '-c', target.configDirectory, '--exclude-larger', '10k', archive]);
      expect([page.status, page.stderr]).toEqual([0, '']);
      const command = page.stdout.slice(page.stdout.lastIndexOf(':\n\n') + 3);
      const script = `postsnap() { '${process.execPath}' '${COMMAND}' "$@"; }\n${command}`;
      const pasted = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { ...process.env, MAIL_CONFIG: '' } });
      expect([pasted.status, pasted.stdout]).toEqual([0, expect.stringMatching(/^Restored 2 messages/mu)]);
      expect((await target.postqueue()).map(({ sender }) => sender).toSorted()).toEqual([HELD, OLD].toSorted());
    } finally {
      await target.dispose();
    }
  });

  interface Difference {
    readonly change: string;
    readonly sender: string;
    readonly changes?: readonly { readonly code: string; readonly recipients?: readonly string[] }[];
  }

  function diff(): string[] {
    const { status, stdout, stderr } = postsnap(['diff', '-j', '-c', postfix.configDirectory, archive]);
    expect([status, stderr]).toEqual([stdout === '' ? 0 : 1, '']);
    return jsonLines<Difference>(stdout)
      .map(({ change, sender, changes }) =>
        [sender, change, ...(changes ?? []).flatMap(({ code, recipients = [] }) => [code, ...recipients])].join(' '),
      )
      .toSorted();
  }

  it('diff tells what Postfix, and postsuper, have done since', async () => {
    expect(diff()).toEqual([]);
    await postfix.postsuper('-e', idOf(OLD));
    await postfix.postsuper('-h', idOf(LARGE));
    await postfix.postsuper('-H', idOf(HELD));
    sink.setAnswer('bob@dest.example', '250');
    expect(diff()).toEqual([`${HELD} changed moved`, `${LARGE} changed moved`, `${OLD} changed forced-expiry`]);
    await postfix.flush();
    await postfix.waitFor(() => sink.count('bob@dest.example') > 0, 'a delivery');
    // What is on hold is not tried; of what expired there is a notice now.
    await deferred(2);
    expect(diff()).toEqual([
      'MAILER-DAEMON only_right',
      `${HELD} changed moved recipients-done bob@dest.example`,
      `${LARGE} changed moved`,
      `${OLD} only_left`,
    ]);
    await postfix.postsuper('-r', idOf(HELD));
    // At its start pickup(8) looks at once.
    await postfix.stop();
    await postfix.start();
    await postfix.waitFor(() => !postfix.queuesOf(idOf(HELD)).includes('maildrop'), 'pickup');
    await deferred(2);
    // pickup(8) makes another message of it: by its fingerprint it is not the one that the archive has.
    expect(diff()).toEqual([
      'MAILER-DAEMON only_right',
      `${HELD} only_left`,
      `${HELD} only_right`,
      `${LARGE} changed moved`,
      `${OLD} only_left`,
    ]);
  });
});
