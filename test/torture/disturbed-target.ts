/** What administrators do between a restore that was killed and the next run, on the queue of a real Postfix that is stopped. */
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { runToEnd } from '../support/process/process.ts';
import { leftovers } from '../support/torture/judge.ts';
import { type KillReport, killAgainAndAgain, seeded } from '../support/torture/kill-loop.ts';
import { type CountedFile, census, contents, logsOf, messagesOf } from '../support/torture/queue-census.ts';
import { makeArchive, openScratch, optionsFor } from '../support/torture/queues.ts';

export interface Disturbance {
  readonly title: string;
  readonly act: (postfix: PostfixInstance) => Promise<void>;
  /** `postsuper -r` leaves the logs of what it puts into maildrop without their message. */
  readonly partsLogs?: boolean;
}

/** Every file gets another inode. The copy takes the place of the first, as after a move to another disk. */
async function copyQueue({ queueDirectory }: PostfixInstance, ...preserve: readonly string[]): Promise<void> {
  const copy = `${queueDirectory}.copy`;
  execFileSync('cp', ['-R', ...preserve, queueDirectory, copy]);
  await rm(queueDirectory, { recursive: true });
  execFileSync('mv', [copy, queueDirectory]);
}

async function postsuper(postfix: PostfixInstance, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await postfix.postsuper(...args);
  if (status !== 0) {
    throw new Error(`postsuper ${args.join(' ')}: ${stderr}`);
  }
}

/** What postfix-script does at `postfix start`, before master has its turn. */
async function lookOver(postfix: PostfixInstance): Promise<void> {
  await postsuper(postfix, '-s');
  await postsuper(postfix, '-p');
}

const keepLinks: Disturbance['act'] = (postfix) => copyQueue(postfix, '-a');
const splitLinks: Disturbance['act'] = (postfix) => copyQueue(postfix, '-P', '--preserve=mode,ownership,timestamps');

export const DISTURBANCES: readonly Disturbance[] = [
  { title: 'postfix start', act: lookOver },
  { title: 'cp -a', act: keepLinks },
  { title: 'a copy as rsync -a makes it', act: splitLinks },
  {
    title: 'cp -a, then postfix start',
    act: async (postfix) => {
      await keepLinks(postfix);
      await lookOver(postfix);
    },
  },
  {
    title: 'a copy as rsync -a makes it, then postfix start',
    act: async (postfix) => {
      await splitLinks(postfix);
      await lookOver(postfix);
    },
  },
  { title: 'postsuper -h ALL', act: (postfix) => postsuper(postfix, '-h', 'ALL') },
  { title: 'postsuper -r ALL', act: (postfix) => postsuper(postfix, '-r', 'ALL'), partsLogs: true },
];

export interface DisturbedTargetReport {
  readonly kills: KillReport['kills'];
  readonly faults: readonly string[];
}

/** Restores into a queue that holds mail, kills it again and again, and disturbs the queue after each kill. */
export async function restoreIntoDisturbedTarget(options: {
  readonly disturbance: Disturbance;
  readonly messages: number;
  readonly maximumKills: number;
  readonly seed: number;
}): Promise<DisturbedTargetReport> {
  const { disturbance, messages, maximumKills, seed } = options;
  const scratch = openScratch();
  const postfix = await createInstance();
  try {
    const { source, archive } = makeArchive(scratch, messages);
    const resident = makeArchive(scratch, 50);
    const target = postfix.queueDirectory;
    const settings = optionsFor(target, 'postfix');
    const settled = await runToEnd(['restore', '-q', ...settings, resident.archive]);
    if (settled.status !== 0) {
      throw new Error(settled.stderr);
    }
    const { kills } = await killAgainAndAgain({
      args: ['restore', '-q', '-j', ...settings, archive],
      queueDirectory: target,
      random: seeded(seed),
      warmUpMs: 150,
      fullRunMs: 500,
      maximumKills,
      afterKill: () => disturbance.act(postfix),
    });
    const wanted = [...census(source), ...census(resident.source)];
    return { kills, faults: [...faultsIn(wanted, census(target), disturbance), ...leftovers(target)] };
  } finally {
    await postfix.dispose();
    await rm(scratch, { recursive: true });
  }
}

/** Each message is there once, wherever it was put, ready, with one name; each log is there once. */
function faultsIn(
  wanted: readonly CountedFile[],
  now: readonly CountedFile[],
  { partsLogs }: Disturbance,
): readonly string[] {
  const messages = messagesOf(now);
  const logs = partsLogs === true ? [] : differences('log', contents(logsOf(wanted)), contents(logsOf(now)));
  const names = new Set(messages.map(({ name }) => name));
  const orphans = partsLogs === true ? [] : logsOf(now).filter(({ name }) => !names.has(name));
  return [
    ...differences('message', contents(messagesOf(wanted)), contents(messages)),
    ...messages.filter(({ mode }) => (mode & 0o700) !== 0o700).map(({ path }) => `${path} was left unready`),
    ...messages.filter(({ links }) => links !== 1).map(({ path, links }) => `${path} has ${links} links`),
    ...logs,
    ...orphans.map(({ path }) => `${path} stands by no message`),
  ];
}

function differences(what: string, wanted: Map<string, number>, found: Map<string, number>): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((sha256) => (wanted.get(sha256) ?? 0) !== (found.get(sha256) ?? 0))
    .map((sha256) => `${what} ${sha256.slice(0, 12)}: ${found.get(sha256) ?? 0} instead of ${wanted.get(sha256) ?? 0}`);
}
