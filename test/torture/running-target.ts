import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../support/postfix/command.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';
import { runToEnd } from '../support/process/process.ts';
import { leftovers } from '../support/torture/judge.ts';
import { type KillReport, killAgainAndAgain, seeded } from '../support/torture/kill-loop.ts';
import { openScratch } from '../support/torture/queues.ts';

export interface RunningTargetOptions {
  readonly into: 'queues' | 'maildrop';
  readonly messages: number;
  readonly maximumKills: number;
  readonly seed: number;
}

export interface RunningTargetReport {
  readonly kills: KillReport['kills'];
  /** How often Postfix was woken, reloaded, or its queue looked over. */
  readonly wakings: number;
  /** Recipients that got their message not once, and how often they got it. */
  readonly wrong: Readonly<Record<string, number>>;
  readonly delivered: number;
  /** Lines of Postfix's log that tell of trouble. */
  readonly complaints: readonly string[];
  /** What is left in the queues and the state directory. */
  readonly remains: readonly string[];
}

/**
 * Restores mail into the queue of a running Postfix whose pickup and qmgr are woken all the time, kills the restore again
 * and again until it is done, and counts what the recipients get.
 */
export async function restoreIntoRunningTarget(options: RunningTargetOptions): Promise<RunningTargetReport> {
  const scratch = openScratch();
  const archive = join(scratch, 'queue.tar.zst');
  try {
    await archiveMail(archive, options.messages);
    const postfix = await createInstance();
    const sink = await startSink({ port: postfix.relayPort });
    try {
      await postfix.start();
      return await torture(postfix, sink, { ...options, archive });
    } finally {
      await postfix.dispose();
      await sink.close();
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Two recipients each; one of them had his already, of every fourth message. */
function letter(number: number): SmtpMessage {
  const id = `m${number}`;
  return {
    from: `sender${number % 7}@example.com`,
    to: [`one@example.org`, `two@example.org`],
    data: `From: x@example.com\nTo: y@example.org\nSubject: ${id}\nX-Test-Id: ${id}\n\n${'Text.\n'.repeat(number % 50)}`,
  };
}

async function archiveMail(archive: string, messages: number): Promise<void> {
  const postfix = await createInstance();
  try {
    await postfix.start();
    await postfix.submitAll(Array.from({ length: messages }, (_, number) => letter(number)));
    await postfix.waitFor(
      () => postfix.queueFiles().filter(({ queueName }) => queueName === 'deferred').length === messages,
      'all to be deferred',
      { timeoutMs: 120_000 },
    );
    await postfix.stop();
    const { status, stderr } = await runToEnd(['backup', '-q', '-c', postfix.configDirectory, archive]);
    if (status !== 0) {
      throw new Error(stderr);
    }
  } finally {
    await postfix.dispose();
  }
}

async function torture(
  postfix: PostfixInstance,
  sink: SmtpSink,
  options: RunningTargetOptions & { readonly archive: string },
): Promise<RunningTargetReport> {
  const random = seeded(options.seed);
  const waker = keepWaking(postfix, seeded(options.seed + 1));
  const report = await killAgainAndAgain({
    args: ['restore', '-q', '-j', '-c', postfix.configDirectory, '--into', options.into, options.archive],
    queueDirectory: postfix.queueDirectory,
    random,
    warmUpMs: 200,
    fullRunMs: 3000,
    maximumKills: options.maximumKills,
  });
  const due = options.messages * 2;
  await postfix.waitFor(() => sink.deliveries.length >= due && postfix.queueFiles().length === 0, 'all deliveries', {
    timeoutMs: 180_000,
  });
  const wakings = await waker.stop();
  const counts = sink.counts();
  const names = Array.from({ length: options.messages }, (_, number) => [
    `m${number} one@example.org`,
    `m${number} two@example.org`,
  ]);
  return {
    kills: report.kills,
    wakings,
    wrong: Object.fromEntries(
      names.flat().flatMap((name) => (counts.get(name) === 1 ? [] : [[name, counts.get(name) ?? 0]])),
    ),
    delivered: sink.deliveries.length,
    complaints: postfix
      .log()
      .split('\n')
      .filter((line) => /(?:warning|error|fatal|panic): /u.test(line) && !RELOAD.test(line)),
    remains: [...leftovers(postfix.queueDirectory), ...postfix.queueFiles().map(({ path }) => path)],
  };
}

/**
 * A reload ends the daemons that others are talking to. And the new qmgr(8) puts back into incoming what is active (qmgr.c,
 * qmgr_move()), while a delivery agent may have the request of the one before (deliver_request.c takes it as done for).
 */
const RELOAD =
  /warning: (?:problem talking to service|disabling connection caching|open active \w+: No such file or directory)/u;

/** What an administrator, cron, and Postfix itself do to a queue. The last ones are rare. */
const WAKINGS: readonly ((postfix: PostfixInstance) => readonly [string, ...string[]])[] = [
  ({ configDirectory }) => ['postkick', '-c', configDirectory, 'public', 'pickup', 'W'],
  ({ configDirectory }) => ['postkick', '-c', configDirectory, 'public', 'qmgr', 'I'],
  ({ configDirectory }) => ['postqueue', '-c', configDirectory, '-f'],
  ({ configDirectory }) => ['postkick', '-c', configDirectory, 'public', 'qmgr', 'DFA'],
  ({ configDirectory }) => ['postsuper', '-c', configDirectory, '-p'],
  ({ configDirectory }) => ['postfix', '-c', configDirectory, 'reload'],
];

function keepWaking(postfix: PostfixInstance, random: () => number): { stop(): Promise<number> } {
  let isOver = false;
  let wakings = 0;
  const loop = async (): Promise<void> => {
    while (!isOver) {
      const waking = WAKINGS[Math.floor(random() ** 2 * WAKINGS.length)];
      const [program, ...args] = waking?.(postfix) ?? ['true'];
      await run(program, args);
      wakings += 1;
      await sleep(random() * 30);
    }
  };
  const done = loop();
  return {
    stop: async () => {
      isOver = true;
      await done;
      return wakings;
    },
  };
}
