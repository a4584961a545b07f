import { InterruptedError } from '../errors.ts';
import type { JournalEntry } from './journal.ts';
import type { CurrentEntry } from './journal-file.ts';
import type { PlacementTarget } from './placement.ts';
import { isSubmission } from './readiness.ts';

/** Other work, signals among it, gets its turn after so many entries. */
const ENTRIES_BETWEEN_TURNS = 64;

/**
 * Does something with each entry of a journal.
 *
 * @throws InterruptedError between two entries, when the signal says so: the same command goes on
 */
export async function eachEntry(
  { signal }: { readonly signal?: AbortSignal },
  entries: Iterable<CurrentEntry>,
  work: (entry: CurrentEntry) => void,
): Promise<void> {
  let count = 0;
  for (const entry of entries) {
    work(entry);
    count += 1;
    if (count % ENTRIES_BETWEEN_TURNS === 0) {
      await nextTurn(signal);
    }
  }
}

interface MessageWork {
  /** The messages that there is work on; all where it is absent. */
  readonly isMeant?: (entry: JournalEntry) => boolean;
  /** With root's rights where the message is a genuine submission. */
  readonly work: (entry: JournalEntry) => void;
  /** Told of each message on which the work was done. */
  readonly done?: (entry: JournalEntry) => void;
}

/**
 * As {@link eachEntry}, for work that only root can do on a genuine submission. Taking on root's rights and giving them
 * back stops every thread of the process twice, and takes longer than the work: so it is done for many at a time, where they
 * stand together.
 */
export async function eachMessage(
  options: { readonly target: PlacementTarget; readonly signal?: AbortSignal },
  entries: Iterable<CurrentEntry>,
  { isMeant = () => true, work, done = () => undefined }: MessageWork,
): Promise<void> {
  const { target } = options;
  const submissions: JournalEntry[] = [];
  const doSubmissions = (): void => {
    if (submissions.length > 0) {
      const batch = submissions.splice(0);
      target.submitters?.asRoot(() => doAll(batch, work));
      doAll(batch, done);
    }
  };
  await eachEntry(options, entries, ({ entry }) => {
    if (!isMeant(entry)) {
      return;
    }
    if (!isSubmission(target, entry)) {
      // First those that stand before it: what is told keeps the order of the journal.
      doSubmissions();
      work(entry);
      done(entry);
    } else if (submissions.push(entry) === ENTRIES_BETWEEN_TURNS) {
      doSubmissions();
    }
  });
  doSubmissions();
}

function doAll(entries: readonly JournalEntry[], work: (entry: JournalEntry) => void): void {
  for (const entry of entries) {
    work(entry);
  }
}

/**
 * Lets other work have its turn.
 *
 * @throws InterruptedError when the signal says so
 */
export async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  if (signal?.aborted === true) {
    throw new InterruptedError('interrupted while messages were put into the queue', {
      nextStep: 'Run the same command again: it goes on where this one stopped.',
    });
  }
}
