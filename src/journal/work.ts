/** The state of a journal while it is carried out: how far each message is. */

import type { EntryTable } from './entry-table.ts';
import type { JournalEntry } from './journal.ts';
import type { CarriedJournal, CurrentEntry } from './journal-file.ts';
import { GIVEN_UP, HANDED_OVER, READY, UNCERTAIN } from './marks.ts';
import type { PlacementTarget } from './placement.ts';

/** Where a message is in this run. */
export type Step =
  /** Staged, with no other name that is not its own. */
  | 'staged'
  /** It has its name, and the staged one. */
  | 'linked'
  /** It has its name, and no other. */
  | 'placed'
  /** It is not where it should be: it is searched for. */
  | 'astray'
  /** The system does not let it be placed: it waits for another run. */
  | 'stuck'
  /** Nothing is left to be done for it. */
  | 'over';

const STEPS: readonly Step[] = ['staged', 'linked', 'placed', 'astray', 'stuck', 'over'];

/** Why a message was not put into the queue by this run. */
export type Failure =
  /** It is nowhere, and Postfix never had it: the archive can be restored again. */
  | { readonly kind: 'lost' }
  /** It is nowhere, and Postfix may have had it. */
  | { readonly kind: 'uncertain' }
  /** The system refused something: it is where it was, and the next run tries again. */
  | { readonly kind: 'stuck'; readonly reason: string };

export interface WorkListener {
  /** Told for each entry that is Postfix's, by this run or by one before. */
  readonly onDone: (entry: JournalEntry) => void;
  readonly onFailed?: (entry: JournalEntry, failure: Failure) => void;
}

/** What a run does with a journal: where each of its messages is, of which there may be a million. */
export class Work {
  readonly target: PlacementTarget;
  readonly journal: CarriedJournal;
  /** Files of the journal were found with other inodes: there may be more copies of each. */
  isCopied = false;
  readonly #steps: Uint8Array;
  readonly #counts: Record<Step, number>;
  readonly #listener: WorkListener;
  /** Those that have their turn; undefined: all. */
  #due: { readonly table: EntryTable; readonly indexes: readonly number[] } | undefined;

  constructor(target: PlacementTarget, journal: CarriedJournal, listener: WorkListener) {
    this.target = target;
    this.journal = journal;
    this.#listener = listener;
    this.#steps = new Uint8Array(journal.states.size);
    this.#counts = { staged: journal.states.size, linked: 0, placed: 0, astray: 0, stuck: 0, over: 0 };
  }

  step(index: number): Step {
    return STEPS[this.#steps[index] ?? 0] ?? 'staged';
  }

  setStep(index: number, step: Step): void {
    this.#counts[this.step(index)] -= 1;
    this.#counts[step] += 1;
    this.#steps[index] = STEPS.indexOf(step);
  }

  /** Of those that have their turn. */
  count(step: Step): number {
    return this.#due === undefined
      ? this.#counts[step]
      : this.#due.indexes.filter((index) => this.step(index) === step).length;
  }

  /** From here on only these have their turn, in this order; all, where nothing is given. */
  turnTo(due?: { readonly table: EntryTable; readonly indexes: readonly number[] }): void {
    this.#due = due;
  }

  /** The entries at one of these steps, of those that have their turn. */
  *entries(...steps: readonly Step[]): Generator<CurrentEntry> {
    const isMeant = (index: number): boolean => steps.includes(this.step(index));
    if (this.#due === undefined) {
      yield* this.journal.entries(isMeant);
      return;
    }
    const { table, indexes } = this.#due;
    for (const { index, entry } of table.entries(indexes.filter(isMeant))) {
      // What was done for those before may have changed it.
      if (isMeant(index)) {
        yield this.journal.current(index, entry);
      }
    }
  }

  /** It is Postfix's. */
  handedOver({ index, entry }: CurrentEntry): void {
    const state = this.journal.states.of(index);
    if (state !== READY && state !== HANDED_OVER) {
      this.journal.mark({ kind: '+', index });
    }
    this.setStep(index, 'over');
    this.#listener.onDone(entry);
  }

  /** It waits again, whatever was marked. */
  reopen(index: number): void {
    if (this.journal.states.of(index) === READY) {
      this.journal.mark({ kind: '!', index });
    }
  }

  /** It is nowhere. */
  giveUp({ index, entry }: CurrentEntry, kind: 'lost' | 'uncertain'): void {
    this.journal.mark({ kind: kind === 'lost' ? '-' : '?', index });
    this.setStep(index, 'over');
    this.#listener.onFailed?.(entry, { kind });
  }

  /** It can't be placed now. */
  getStuck({ index, entry }: CurrentEntry, reason: string): void {
    this.setStep(index, 'stuck');
    this.#listener.onFailed?.(entry, { kind: 'stuck', reason });
  }

  /** Runs before this one have ended these messages. */
  isEnded(index: number): boolean {
    const state = this.journal.states.of(index);
    return state === HANDED_OVER || state === GIVEN_UP || state === UNCERTAIN;
  }

  /** Tells what a run before this one has made of a message. */
  tellEnded({ index, entry }: CurrentEntry): void {
    this.setStep(index, 'over');
    const state = this.journal.states.of(index);
    if (state === HANDED_OVER) {
      this.#listener.onDone(entry);
    } else {
      this.#listener.onFailed?.(entry, { kind: state === GIVEN_UP ? 'lost' : 'uncertain' });
    }
  }
}
