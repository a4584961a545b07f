/** Snapshots of a busy queue, and a plain tar beside each: what do they miss, what do they have twice? */

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { BackupReport } from '../../src/backup/options.ts';
import { runForBytes } from '../support/postfix/command.ts';
import type { BusyPostfix } from './busy-postfix.ts';
import { residentIn } from './busy-postfix.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/postsnap.js');

export interface Count {
  /** Messages that were in the queue from before the start until after the end. */
  readonly stayed: number;
  readonly missed: readonly string[];
  readonly twice: readonly string[];
  readonly seconds: number;
}

export interface Round {
  readonly snapshot: Count & { readonly left: number; readonly settled: boolean; readonly listings: number };
  readonly tar: Count;
  /** Deliveries a second while the snapshot was taken, and for as long while nothing was. */
  readonly rateDuring: number;
  readonly rateWithout: number;
  /** How often qmgr found a message locked in these times: delivery agents unlock after they have answered. */
  readonly lockedDuring: number;
  readonly lockedWithout: number;
}

export async function takeRound(busy: BusyPostfix, directory: string): Promise<Round> {
  const archive = join(directory, 'snapshot.tar.zst');
  const during = await watch(busy, () => takeSnapshot(busy, archive));
  const without = await watch(busy, () => sleep(during.seconds * 1000));
  const tar = await takeTar(busy);
  return {
    snapshot: during.result,
    tar,
    rateDuring: during.rate,
    rateWithout: without.rate,
    lockedDuring: during.locked,
    lockedWithout: without.locked,
  };
}

interface Watched<Result> {
  readonly result: Result;
  readonly seconds: number;
  /** Deliveries a second. */
  readonly rate: number;
  readonly locked: number;
}

async function watch<Result>(busy: BusyPostfix, work: () => Promise<Result>): Promise<Watched<Result>> {
  const deliveries = busy.deliveries;
  const logSize = statSync(busy.postfix.logFile).size;
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const log = (await runForBytes('tail', ['-c', `+${logSize + 1}`, busy.postfix.logFile])).stdout.toString();
  const locked = log.split('still being delivered').length - 1;
  return { result, seconds, rate: (busy.deliveries - deliveries) / seconds, locked };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

async function takeSnapshot(busy: BusyPostfix, archive: string): Promise<Round['snapshot']> {
  const residents = busy.residents();
  const { report, seconds } = await backUp(busy, archive);
  const queued = await queuedIn(archive);
  rmSync(archive);
  return { ...count(residents, queued), seconds, left: report.left, settled: report.settled, listings: report.passes };
}

export interface BackupTimes {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly messages: number;
  readonly listings: number;
  readonly listingMs: number;
}

/** Takes a snapshot, and throws it away. */
export async function timeBackup(busy: BusyPostfix, archive: string): Promise<BackupTimes> {
  const { report, seconds, processorSeconds } = await backUp(busy, archive);
  rmSync(archive);
  const listingMs = report.rounds.reduce((sum, round) => sum + round.listing_ms, 0);
  return { seconds, processorSeconds, messages: report.messages, listings: report.passes, listingMs };
}

interface TimedReport extends Omit<BackupTimes, 'messages' | 'listings' | 'listingMs'> {
  readonly report: BackupReport;
}

async function backUp(busy: BusyPostfix, archive: string): Promise<TimedReport> {
  const args = [process.execPath, PROGRAM, 'backup', '-c', busy.postfix.configDirectory, '-q', '--json', archive];
  const start = performance.now();
  // The shell tells what processor time its children took.
  const shell = await runForBytes('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', ...args]);
  const seconds = (performance.now() - start) / 1000;
  if (shell.status !== 0 && shell.status !== 1) {
    throw new Error(`postsnap: status ${shell.status}\n${shell.stderr}`);
  }
  const [user = 0, system = 0] = (shell.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { seconds, processorSeconds: user + system, report: JSON.parse(shell.stdout.toString()) as BackupReport };
}

/** The recipients of the messages that count as queued, by what zstd and tar see of the archive. */
async function queuedIn(archive: string): Promise<string[]> {
  const unpacked = await runForBytes('sh', ['-c', `zstd -dcq "$1" | tar -xO --wildcards 'catalogue/*'`, 'sh', archive]);
  if (unpacked.status !== 0) {
    throw new Error(`zstd | tar: status ${unpacked.status}\n${unpacked.stderr}`);
  }
  return unpacked.stdout
    .toString()
    .split('\n')
    .filter((line) => line.includes('"state":"queued"'))
    .map((line) => residentIn(line))
    .filter((resident) => resident !== undefined);
}

async function takeTar(busy: BusyPostfix): Promise<Count> {
  const residents = busy.residents();
  const start = performance.now();
  const queues = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];
  // tar complains of files that go away, and goes on.
  const { stdout } = await runForBytes('tar', ['-cf', '-', '-C', busy.postfix.queueDirectory, ...queues]);
  const seconds = (performance.now() - start) / 1000;
  return { ...count(residents, await residentsOfTar(stdout)), seconds };
}

async function residentsOfTar(bytes: Buffer): Promise<string[]> {
  const found: string[] = [];
  const reader = extract();
  Readable.from([bytes]).pipe(reader);
  for await (const entry of reader) {
    const pieces: Buffer[] = [];
    for await (const piece of entry) {
      pieces.push(piece as Buffer);
    }
    const resident = residentIn(Buffer.concat(pieces).toString('latin1'));
    if (resident !== undefined) {
      found.push(resident);
    }
  }
  return found;
}

function count(residents: ReadonlySet<string>, found: readonly string[]): Omit<Count, 'seconds'> {
  const times = new Map<string, number>();
  for (const resident of found) {
    times.set(resident, (times.get(resident) ?? 0) + 1);
  }
  return {
    stayed: residents.size,
    missed: [...residents].filter((resident) => !times.has(resident)),
    twice: [...residents].filter((resident) => (times.get(resident) ?? 0) > 1),
  };
}

/** Leaves out what is not in the queue in the end: Postfix has lost it, and so nobody can say how long it stayed. */
export function withoutLost(rounds: readonly Round[], survivors: ReadonlySet<string>): Round[] {
  const judge = <Judged extends Count>(counted: Judged): Judged => ({
    ...counted,
    missed: counted.missed.filter((resident) => survivors.has(resident)),
    twice: counted.twice.filter((resident) => survivors.has(resident)),
  });
  return rounds.map((round) => ({ ...round, snapshot: judge(round.snapshot), tar: judge(round.tar) }));
}

/** Lines of Postfix's log that a reader of its queue could be the cause of, if it took locks or changed anything. */
export function complaints(log: string): string[] {
  return log.split('\n').filter((line) => /fatal:|panic:|shared lock|exclusive lock/.test(line));
}

export function table(rounds: readonly Round[]): string {
  const sum = (value: (round: Round) => number): number => rounds.reduce((total, round) => total + value(round), 0);
  const mean = (value: (round: Round) => number): string => (sum(value) / rounds.length).toFixed(1);
  const line = (name: string, of: (round: Round) => Count): string =>
    `${name.padEnd(10)} ${String(rounds.length).padStart(5)} ${String(sum((round) => of(round).stayed)).padStart(9)}` +
    ` ${String(sum((round) => of(round).missed.length)).padStart(7)} ${String(sum((round) => of(round).twice.length)).padStart(7)}` +
    ` ${mean((round) => of(round).seconds).padStart(7)}`;
  return [
    'of         takes    stayed  missed   twice  s each',
    line('postsnap', (round) => round.snapshot),
    line('plain tar', (round) => round.tar),
    `deliveries a second: ${mean((round) => round.rateDuring)} during a snapshot, ${mean((round) => round.rateWithout)} without`,
    `messages found locked: ${sum((round) => round.lockedDuring)} during snapshots, ${sum((round) => round.lockedWithout)} without`,
    `left during the snapshot: ${sum((round) => round.snapshot.left)}; listings: ${mean((round) => round.snapshot.listings)}` +
      ` a snapshot; not settled: ${rounds.filter((round) => !round.snapshot.settled).length}`,
  ].join('\n');
}
