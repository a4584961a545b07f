/**
 * The first step of carrying a journal out: every file gets its name, still 0600, so that Postfix sees nothing. Where a
 * name was taken since the plan was made, the message takes the next free one, which the journal knows first.
 */

import { parseQueueId } from '../queue/queue-id.ts';
import { QUEUES, type QueueName } from '../queue/queue-name.ts';
import { walkDirectories } from '../spool/source.ts';
import { Column } from '../table/column.ts';
import { QueueIdTable } from '../table/queue-id-table.ts';
import { eachEntry } from './each-entry.ts';
import type { JournalEntry } from './journal.ts';
import { appendToJournal, type CurrentEntry, journalEntries } from './journal-file.ts';
import { nextFreeId } from './naming.ts';
import { finalPath, linkEntry, type PlacementTarget } from './placement.ts';

/** The later names of entries, by their number in the journal, oldest first. */
export type Moves = ReadonlyMap<number, readonly string[]>;

export interface LinkAllOptions {
  readonly target: PlacementTarget;
  readonly journal: string;
  readonly moves: Moves;
  readonly signal?: AbortSignal;
}

/** Links every entry of the journal; returns all later names, those of before too. */
export async function linkAll(options: LinkAllOptions): Promise<Moves> {
  const { target, journal } = options;
  const moves = new Map(options.moves);
  const entries = (): Iterable<CurrentEntry> => journalEntries(target.fs, journal, moves);
  const linked = new Names();
  await eachEntry(options, entries(), (current) => {
    const entry = linkUnderFreeName(options, current, moves);
    if (entry !== undefined) {
      linked.add(entry);
    }
  });
  const taken = linked.takenElsewhere(target);
  if (taken.size > 0) {
    await eachEntry(options, entries(), (current) => {
      if (taken.has(current.entry.new_queue_id)) {
        linkUnderFreeName(options, moveOn(options, current, moves), moves);
      }
    });
  }
  return moves;
}

/** The names that were given to files which Postfix has not seen yet: there may be a million. */
class Names {
  readonly #ids = new QueueIdTable();
  /** The queues that an ID was given a name in, a bit each, by the ID's number. */
  readonly #queues = new Column((length) => new Uint16Array(length));

  add({ new_queue_id, new_queue_name, logs }: JournalEntry): void {
    const index = this.#ids.add(new_queue_id);
    this.#queues.reserve(index + 1);
    for (const queue of [new_queue_name, ...logs.map((log) => log.queue_name)]) {
      this.#queues.values[index] = (this.#queues.values[index] ?? 0) | bitOf(queue);
    }
  }

  /** Whether we gave this name, but not in this queue. */
  #isAnothers(queue: QueueName, name: string): boolean {
    const index = this.#ids.find(name);
    return index !== -1 && ((this.#queues.values[index] ?? 0) & bitOf(queue)) === 0;
  }

  /**
   * The IDs that something else has in another queue: a message with the ID of ours would be overwritten when Postfix
   * renames one of them (mail_queue.c, sane_rename), a log would be taken for ours.
   */
  takenElsewhere({ fs, queueDirectory }: PlacementTarget): Set<string> {
    const taken = new Set<string>();
    for (const { name: queue } of QUEUES) {
      for (const { files } of walkDirectories(fs, queueDirectory, queue)) {
        for (const name of files) {
          if (this.#isAnothers(queue, name)) {
            taken.add(name);
          }
        }
      }
    }
    return taken;
  }
}

function bitOf(queue: QueueName): number {
  return 1 << QUEUES.findIndex(({ name }) => name === queue);
}

/** Links an entry, if its name is taken under another; returns it as it is linked, or undefined if it was before. */
function linkUnderFreeName(
  options: LinkAllOptions,
  current: CurrentEntry,
  moves: Map<number, readonly string[]>,
): JournalEntry | undefined {
  for (let at = current; ; at = moveOn(options, at, moves)) {
    const outcome = linkEntry(options.target, at.entry, at.abandonedIds);
    if (outcome !== 'taken') {
      return outcome === 'linked' ? at.entry : undefined;
    }
  }
}

/** Gives an entry the next free name. The journal knows it before anything has it. */
function moveOn(
  { target, journal }: LinkAllOptions,
  { index, entry, abandonedIds }: CurrentEntry,
  moves: Map<number, readonly string[]>,
): CurrentEntry {
  const tried = [...abandonedIds, entry.new_queue_id];
  const queueId = freeName(target, entry.new_queue_id, tried);
  appendToJournal(target.fs, journal, { kind: 'moved', index, queueId });
  moves.set(index, [...(moves.get(index) ?? []), queueId]);
  return { index, entry: { ...entry, new_queue_id: queueId }, abandonedIds: tried };
}

function freeName(target: PlacementTarget, taken: string, tried: readonly string[]): string {
  const id = parseQueueId(taken);
  if (id === undefined) {
    throw new TypeError(`no queue ID: ${taken}`);
  }
  const isTaken = (name: string): boolean => tried.includes(name) || standsInAnyQueue(target, name);
  return nextFreeId(id, isTaken).text;
}

function standsInAnyQueue(target: PlacementTarget, name: string): boolean {
  return QUEUES.some((queue) => target.fs.lstat(finalPath(target, queue.name, name)) !== undefined);
}
