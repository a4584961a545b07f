import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInstance } from '../support/postfix/instance.ts';
import { runToEnd } from '../support/process/process.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { type KillReport, killAgainAndAgain, seeded } from '../support/torture/kill-loop.ts';
import { census, messagesOf } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';

export interface StoppedTargetReport {
  readonly kills: KillReport['kills'];
  readonly messages: number;
  readonly faults: readonly string[];
  /** What `postsuper -s` said afterwards. */
  readonly postsuper: string;
}

/**
 * Restores messages into a queue that holds mail, with Postfix stopped, killed by SIGKILL at random moments and given
 * again until it is done.
 */
export async function restoreIntoStoppedTarget({
  messages,
  maximumKills,
  seed,
}: {
  readonly messages: number;
  readonly maximumKills: number;
  readonly seed: number;
}): Promise<StoppedTargetReport> {
  const scratch = openScratch();
  const postfix = await createInstance();
  try {
    const { source, archive } = makeArchive(scratch, messages);
    const target = postfix.queueDirectory;
    const resident = makeArchive(scratch, 50);
    const options = optionsFor(target, 'postfix');
    const settled = await runToEnd(['restore', '-q', ...options, resident.archive]);
    if (settled.status !== 0) {
      throw new Error(settled.stderr);
    }
    const before = census(target);
    const fullRunMs = await timeOf([
      'restore',
      '-q',
      ...optionsFor(makeQueueDirectory(join(scratch, 'trial'))),
      archive,
    ]);
    const report = await killAgainAndAgain({
      args: ['restore', '-q', '-j', ...options, archive],
      queueDirectory: target,
      random: seeded(seed),
      warmUpMs: 150,
      // Most kills come well before the end.
      fullRunMs: fullRunMs / 4,
      maximumKills,
    });
    return {
      kills: report.kills,
      messages: messagesOf(census(target)).length - messagesOf(before).length,
      faults: faultsOf(source, target, before),
      postsuper: (await postfix.postsuper('-s')).stderr,
    };
  } finally {
    await postfix.dispose();
    await rm(scratch, { recursive: true });
  }
}

async function timeOf(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { status, stderr } = await runToEnd(args);
  if (status !== 0) {
    throw new Error(stderr);
  }
  return performance.now() - start;
}
