import { describe, expect, it } from 'vitest';
import type { QueueName } from '../../src/queue/queue-name.ts';
import type { Call } from '../support/disk/faults.ts';
import { NameTaker } from '../support/disk/name-taker.ts';
import { attempt, callsOf, endings, type Trial } from './restore-trial.ts';
import { withoutFsyncOf } from './weakened-order.ts';

/** POSTSNAP_FAULTS=all leaves nothing out. */
const ALL = process.env['POSTSNAP_FAULTS'] === 'all';

const DISKS = [
  ['with syncfs', { wholeSync: true }],
  ['with fsync only', { wholeSync: false }],
] as const;

const QUEUES: readonly (QueueName | 'own')[] = ['own', 'active', 'corrupt', 'defer', 'bounce', 'trace'];

function indexOf(calls: readonly Call[], which: 'first link' | 'last link'): number {
  const links = calls.filter(({ name }) => name === 'link');
  return (which === 'first link' ? links[0] : links.at(-1))?.index ?? 0;
}

describe('names that are taken between the plan and the link', () => {
  it.each(DISKS)('at any call, in its own queue, in another, by a log: %s', async (title, disk) => {
    const calls = await callsOf(disk);
    const lastLink = indexOf(calls, 'last link');
    let taken = 0;
    for (const { index } of calls) {
      // After the last link there is little to take: every queue in turn.
      const isAll = ALL || index <= lastLink;
      for (const queue of isAll ? QUEUES : QUEUES.filter((_, number) => number === index % QUEUES.length)) {
        const intruder = new NameTaker({ index, queue });
        const broken = await attempt({ ...disk, intruder });
        // Who comes after the last look at all names makes a log for a message that stands in its queue.
        const counts = index <= lastLink ? broken : broken.filter((line) => /^P[123]/.test(line));
        expect(counts, `${queue} at call ${index}`).toEqual([]);
        taken += intruder.taken;
      }
    }
    console.info(`${title}: ${taken} names taken at ${calls.length} calls`);
    expect(taken).toBeGreaterThan(calls.length);
  });
});

describe('a restore that is cut off while it takes other names', () => {
  async function cutOff(trial: Trial): Promise<{ recoveries: number; broken: string[] }> {
    const calls = await callsOf(trial);
    const index = indexOf(calls, 'first link');
    const ends = endings(2);
    const broken: string[] = [];
    let recoveries = 0;
    // Taking other names adds calls to those of an undisturbed restore.
    for (let at = index; at < calls.length * 1.5; at += 1) {
      for (const [number, queue] of (['own', 'active', 'bounce'] as const).entries()) {
        if (!ALL && (at + number) % 2 === 0) {
          continue;
        }
        const how = ends[(at + number) % ends.length] ?? 'kill';
        const interruptions = [{ index: at, moment: number === 0 ? 'after' : 'during', how } as const];
        const found = await attempt({ ...trial, intruder: new NameTaker({ index, queue }), interruptions });
        recoveries += 1;
        broken.push(...found.map((line) => `${queue}, cut off at ${at}: ${line}`));
      }
    }
    return { recoveries, broken };
  }

  it.each(DISKS)('%s', async (title, disk) => {
    const { recoveries, broken } = await cutOff(disk);
    console.info(`${title}: cut off while names were taken, ${recoveries} recoveries checked`);
    expect(broken.slice(0, 20)).toEqual([]);
  });

  it('needs the journal to know the new name before a file has it', async () => {
    const weaken = withoutFsyncOf((path, flags) => path.endsWith('.journal') && (flags & 3) !== 0);
    const { broken } = await cutOff({ wholeSync: false, weaken });
    expect(broken.join()).toMatch(/P2|P4/);
  });
});
