import { setTimeout as sleep } from 'node:timers/promises';
import { killAll, type Running, start } from '../process/process.ts';
import { type Phase, phaseOf } from './phases.ts';

/** What a series of killed runs came to. */
export interface KillReport {
  /** Kills that found the restore still at work, by how far it had come. */
  readonly kills: { staging: number; sealed: number; other: number };
  readonly runs: number;
  /** What the last run, which was not killed, printed. */
  readonly stdout: string;
}

export interface KillLoop {
  readonly args: readonly string[];
  readonly queueDirectory: string;
  /** A number from 0 to 1, another at each call. */
  readonly random: () => number;
  /** Milliseconds that the command needs at least before it does anything. */
  readonly warmUpMs: number;
  /** Milliseconds that a whole run takes, about. */
  readonly fullRunMs: number;
  /** After so many kills the restore is let be. */
  readonly maximumKills: number;
  /** Told after each kill. */
  readonly afterKill?: () => void | Promise<void>;
}

/** Runs a restore, kills it at a random moment, and runs it again, until it ends with status 0. */
export async function killAgainAndAgain(loop: KillLoop): Promise<KillReport> {
  const kills = { staging: 0, sealed: 0, other: 0 };
  for (let runs = 1; ; runs += 1) {
    const running = start(loop.args);
    if (kills.staging + kills.sealed + kills.other < loop.maximumKills) {
      void killLater(loop, runs, running);
    }
    const { status, signal, stdout, stderr } = await running.ended;
    if (signal === 'SIGKILL') {
      const phase = phaseOf(loop.queueDirectory);
      kills[phase === 'staging' || phase === 'sealed' ? phase : 'other'] += 1;
      await loop.afterKill?.();
    } else if (status === 0) {
      return { kills, runs, stdout };
    } else {
      throw new Error(`status ${status}, ${signal} after ${JSON.stringify(kills)}: ${stdout}${stderr}`);
    }
  }
}

/** The first kills come soon after a phase was reached, so that each is hit; the others at any moment. */
const FIRST_TARGETS: readonly Phase[] = ['staging', 'staging', 'sealed', 'sealed', 'sealed'];
/** An earlier restore that is done counts for nothing. */
const PHASES: readonly Phase[] = ['done', 'before', 'staging', 'sealed'];
const SOON_MS = 40;

async function killLater(loop: KillLoop, run: number, { pid, ended }: Running): Promise<void> {
  const isOver = ended.then(() => true);
  const target = FIRST_TARGETS[run - 1] ?? (loop.random() < 0.5 ? 'sealed' : 'done');
  const isReached = (): boolean => PHASES.indexOf(phaseOf(loop.queueDirectory)) >= PHASES.indexOf(target);
  await sleep(loop.warmUpMs);
  while (!isReached() && !(await Promise.race([isOver, sleep(2, false)]))) {
    // It is not there yet.
  }
  // Squared: short delays are likelier, so that a restore that is nearly done is hit several times, too.
  const delay = run <= FIRST_TARGETS.length ? loop.random() * SOON_MS : loop.random() ** 2 * loop.fullRunMs;
  if (!(await Promise.race([isOver, sleep(delay, false)]))) {
    killAll(pid);
  }
}

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
