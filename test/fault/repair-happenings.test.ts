/** A repair that was cut off, what then happens to the queue, and the run that finishes it. */

import { describe, expect, it, vi } from 'vitest';
import { type Call, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import type { Breakage, BrokenQueue } from '../support/repair/broken-queue.ts';
import { QueueJudge } from '../support/repair/judge.ts';
import { HAPPENINGS, type Happening } from './happenings.ts';
import { MAIL_OWNER, makeBrokenWorld, type RepairSettings, runRepair, SPOOL, type World } from './repair-world.ts';
import { describeInterruption, endings, type Interruption, interruptionsAt } from './restore-trial.ts';

/** POSTSNAP_FAULTS=all tries every ending at every call; otherwise some of them, other calls in each happening. */
const ALL = process.env['POSTSNAP_FAULTS'] === 'all';
vi.setConfig({ testTimeout: ALL ? 7_200_000 : 300_000 });

/** One of so many interruptions. */
const SHARE = 83;

/** What `postfix start` itself makes good, or leaves alone: what is broken in the end was broken by the repair. */
const HARMLESS: readonly Breakage[] = ['copied', 'none', 'hash directory', 'stray expiry', 'open to others'];

/** What needs an archive, or `postsuper -r`, which leaves logs behind, is of restores alone. */
const OF_RESTORES = ['another archive', 'full at the next run', '-r ALL', 'unready files removed'];
const happenings = HAPPENINGS.filter(({ title }) => !OF_RESTORES.some((part) => title.includes(part)));

function makeWorld(wholeSync: boolean): World {
  return makeBrokenWorld(11, { messages: 6, wholeSync, breakages: HARMLESS });
}

async function callsOf({ disk }: World): Promise<readonly Call[]> {
  const faults = new Faults();
  await runRepair(faultyFileSystem(disk, faults));
  return faults.calls;
}

interface Trial {
  readonly wholeSync: boolean;
  readonly happening: Happening;
  readonly interruption: Interruption;
}

/** Cuts a repair off, lets something happen, and repairs twice; returns what is broken. */
async function attempt({ wholeSync, happening, interruption }: Trial): Promise<string[]> {
  const { index, moment, how } = interruption;
  const { disk, queue } = makeWorld(wholeSync);
  await runRepair(faultyFileSystem(disk, new Faults().crashAt(index, moment))).catch(() => undefined);
  disk.endProcess();
  const cut = how === 'kill' ? disk : disk.afterCrash(how);
  const { disk: after, settings } = await happening.happen(cut, { wholeSync });
  return judge(after, queue, { settings, happening });
}

async function judge(
  disk: SimulatedFileSystem,
  queue: BrokenQueue,
  { settings, happening }: { readonly settings: RepairSettings; readonly happening: Happening },
): Promise<string[]> {
  const told = await runRepair(disk, settings);
  const again = await runRepair(disk, settings);
  const judged = new QueueJudge(disk, SPOOL, { ...queue, layout: settings.layout });
  const { lost, doubled, foreign, lostLogs } = judged.losses();
  // What `postsuper -p` took while it was not ready is gone: then it is named.
  const gone = told.filter(({ finding }) => finding.code === 'gone').length;
  // Of a copy, in other hash directories, and of what was put on hold, the old time may have gone: Postfix tries it sooner, or not before its release.
  const isMoved = happening.title.includes('hold') || happening.title.includes('-h ALL');
  const untidy = isMoved
    ? []
    : judged
        .untidy(MAIL_OWNER)
        .filter((one) => !/copied|directories/.test(happening.title) || !one.includes('its time has changed'));
  const open = again.filter(({ finding: { code } }) => code !== 'orphan-log' && code !== 'directory-rights');
  return [
    ...(lost.length === gone ? [] : [`lost: ${lost.join()}; named: ${gone}`]),
    ...doubled.map((one) => `doubled: ${one}`),
    ...foreign.map((one) => `foreign log: ${one}`),
    ...(lost.length > 0 ? [] : lostLogs.map((one) => `log lost: ${one}`)),
    ...(lost.length > 0 ? [] : untidy),
    ...open.map(({ finding }) => `found again: ${finding.code} ${finding.path} (${finding.detail})`),
  ];
}

describe.each([
  ['with syncfs', true],
  ['with fsync only', false],
] as const)('%s, a repair that was cut off at any call, and then:', (title, wholeSync) => {
  it.each(happenings.map((happening, number) => ({ ...happening, number })))(
    '$title',
    async ({ number, ...happening }) => {
      const calls = await callsOf(makeWorld(wholeSync));
      const ends = endings(1);
      const broken: string[] = [];
      let recoveries = 0;
      for (const call of calls) {
        const all = interruptionsAt(call, ends);
        const chosen = all.filter((_, index) => ALL || (index * 5 + call.index + number) % SHARE === 0);
        for (const interruption of chosen) {
          recoveries += 1;
          const found = await attempt({ wholeSync, happening, interruption });
          broken.push(...found.map((one) => `${describeInterruption(interruption, calls)}: ${one}`));
        }
      }
      console.info(`${title}, ${happening.title}: ${calls.length} calls, ${recoveries} recoveries checked`);
      expect(broken.slice(0, 12)).toEqual([]);
    },
  );
});
