/**
 * The first step of carrying a journal out: every file gets its name, still 0600, so that Postfix sees nothing. Where a
 * name was taken since the plan was made, the message takes the next free one.
 */

import { errnoOf } from '../fs/system-error.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { QUEUES, type QueueName } from '../queue/queue-name.ts';
import { walkDirectories } from '../spool/spool.ts';
import { Column } from '../table/column.ts';
import { QueueIdTable } from '../table/queue-id-table.ts';
import { eachEntry } from './each-entry.ts';
import type { JournalEntry } from './journal.ts';
import { type CurrentEntry, movedEntry } from './journal-file.ts';
import { nextFreeId } from './naming.ts';
import { obstacleOf } from './obstacle.ts';
import { finalPath, linkEntry, type PlacementTarget, stagedPath, unlinkFinals } from './placement.ts';
import { isInQueue } from './state-directory.ts';
import { sightsByName } from './whereabouts.ts';
import type { Work } from './work.ts';

/** Links every entry that is staged. What the system does not let be linked is stuck, what has gone is astray. */
export async function linkAll(work: Work, signal: { readonly signal?: AbortSignal }): Promise<void> {
  const linked = new Names();
  await eachEntry(signal, work.entries('staged'), (current) => {
    const entry = tryToLink(work, current);
    if (entry !== undefined) {
      linked.add(work.target, entry);
    }
  });
  const taken = linked.takenElsewhere(work.target);
  if (taken.size > 0) {
    await eachEntry(signal, work.entries('linked'), (current) => {
      if (taken.has(current.entry.newQueueId) && !wasMoved(work.target, current)) {
        tryToLink(work, moveOn(work, current));
      }
    });
  }
}

/** The names that were given to files which Postfix has not seen yet: there may be a million. */
class Names {
  readonly #ids = new QueueIdTable();
  /** The queues that an ID was given a name in, a bit each, by the ID's number. */
  readonly #queues = new Column((length) => new Uint16Array(length));

  /** The places in queues that files are taken from: they are free soon. */
  readonly #from = new Set<string>();

  add(target: PlacementTarget, entry: JournalEntry): void {
    const { newQueueId, newQueueName, logs } = entry;
    for (const file of [entry, ...logs].filter(({ from }) => isInQueue(from))) {
      this.#from.add(stagedPath(target, file));
    }
    const index = this.#ids.add(newQueueId);
    this.#queues.reserve(index + 1);
    for (const queue of [newQueueName, ...logs.map((log) => log.queueName)]) {
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
      for (const { path, files } of walkDirectories(fs, queueDirectory, queue)) {
        for (const name of files) {
          if (this.#isAnothers(queue, name) && !this.#from.has(`${queueDirectory}/${path}/${name}`)) {
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

/** What has its ID in another queue is the message itself, which `postsuper -h ALL` has put there meanwhile. */
function wasMoved(target: PlacementTarget, current: CurrentEntry): boolean {
  return sightsByName(target, current).some(({ queueName }) => queueName !== current.entry.newQueueName);
}

/** Returns the entry as it is linked. */
function tryToLink(work: Work, current: CurrentEntry): JournalEntry | undefined {
  try {
    const { entry } = linkUnderFreeName(work, current);
    work.setStep(current.index, 'linked');
    return entry;
  } catch (error) {
    const reason = obstacleOf(error);
    if (reason === undefined) {
      throw error;
    }
    if (errnoOf(error) === 'ENOENT' && work.target.fs.lstat(stagedPath(work.target, current.entry)) === undefined) {
      work.setStep(current.index, 'astray');
    } else {
      unlinkFinals(work.target, current.entry, current.entry.newQueueId);
      work.getStuck(current, reason);
    }
    return undefined;
  }
}

/** Links an entry, if its name is taken under another; returns it as it is linked. */
function linkUnderFreeName(work: Work, current: CurrentEntry): CurrentEntry {
  for (let at = current; ; at = moveOn(work, at)) {
    for (const queueId of at.formerIds) {
      unlinkFinals(work.target, at.entry, queueId);
    }
    if (linkEntry(work.target, at.entry) === 'linked') {
      return at;
    }
  }
}

/**
 * Gives an entry the next free name. The journal knows it, durably, before a log has it: nobody would find that one again.
 * (restore-names.test.ts, "needs the journal to know the new name before a file has it")
 */
function moveOn({ target, journal }: Work, current: CurrentEntry): CurrentEntry {
  const { entry, formerIds } = current;
  const tried = [...formerIds, entry.newQueueId];
  const { newQueueName: queueName, inode } = entry;
  const to = { queueName, queueId: freeName(target, entry.newQueueId, tried), inode };
  journal.move(current, to);
  journal.sync();
  return movedEntry(current, [to]);
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
