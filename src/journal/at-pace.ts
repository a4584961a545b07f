/**
 * Carries a journal out slowly: what has not had its turn stays staged, where neither pickup(8) nor `postsuper -p` looks. So
 * it may wait for days, and a cut leaves no more than one slice in the queues. Only the slice that has its turn gets names.
 */

import type { Pace } from '../pace.ts';
import { nextTurn } from './each-entry.ts';
import { EntryTable } from './entry-table.ts';
import { Freshened } from './freshen.ts';
import { type PaceClock, Pacer, systemPaceClock } from './pacer.ts';
import { Turns } from './turns.ts';
import type { Work } from './work.ts';

interface AtPace {
  readonly pace: Pace;
  readonly clock?: PaceClock;
  readonly signal?: AbortSignal;
  readonly now: () => Date;
}

/**
 * Gives each message its turn.
 *
 * @param carryOutDue carries out those that have their turn
 * @throws InterruptedError: the signal says so: the same command goes on
 */
export async function atPace(
  { pace, clock = systemPaceClock, signal, now }: AtPace,
  work: Work,
  carryOutDue: () => Promise<void>,
): Promise<void> {
  const turns = new Turns(pace.by);
  const table = new EntryTable(work.target.fs, work.journal.path, (index, entry) => {
    if (['staged', 'placed'].includes(work.step(index))) {
      turns.add(index, entry);
    }
  });
  const order = turns.inOrder();
  const pacer = new Pacer(pace.rate, clock);
  try {
    for (let at = 0; at < order.length; at += pacer.slice) {
      await pacer.wait(signal);
      await nextTurn(signal);
      const indexes = order.slice(at, at + pacer.slice);
      work.turnTo({ table, indexes });
      const freshened = new Freshened(work, now);
      await carryOutDue();
      freshened.setBack();
      pacer.note(indexes.length);
    }
  } finally {
    work.turnTo();
  }
}
