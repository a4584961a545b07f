/**
 * Staged files that have waited for long get a later time before they get their names: `postsuper -p`, at every start and
 * reload, deletes an unready file of a queue that is 7 days old, before Postfix 3.5 one day (postsuper.c, MAX_TEMP_AGE).
 * (test/fault/restore-pace.test.ts)
 */

import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { unlessErrno } from '../fs/system-error.ts';
import type { JournalEntry } from './journal.ts';
import { stagedPath } from './placement.ts';
import { setExactTime } from './readiness.ts';
import { OLDEST_STAGED_NS } from './staged-file.ts';
import { isInQueue } from './state-directory.ts';
import type { Work } from './work.ts';

/** What staging has set may age by half as much again. */
const OLDEST_LINKED_NS = OLDEST_STAGED_NS + OLDEST_STAGED_NS / 2n;

interface Freshening {
  readonly stagedNs: bigint;
  readonly mtimeNs: bigint;
}

/** The times of the messages that have their turn, where they were set. */
export class Freshened {
  readonly #work: Work;
  readonly #times = new Map<number, Freshening>();

  /** Sets the times of what is too old. */
  constructor(work: Work, now: () => Date) {
    this.#work = work;
    const nowNs = BigInt(now().getTime()) * 1_000_000n;
    for (const { index, entry } of work.entries('staged')) {
      const before = isInQueue(entry.from) ? undefined : this.#freshen(entry, nowNs);
      if (before !== undefined) {
        this.#times.set(index, { stagedNs: nowNs - OLDEST_STAGED_NS, mtimeNs: entry.times?.mtimeNs ?? before });
      }
    }
  }

  /**
   * Gives back the times of what is ready by now. Cut off before, it keeps the later one: what had an old time is due
   * for its next try either way.
   */
  setBack(): void {
    for (const { index, entry } of this.#times.size === 0 ? [] : this.#work.entries('over')) {
      const times = this.#times.get(index);
      if (times !== undefined) {
        setExactTime(this.#work.target, { ...entry, times });
      }
    }
  }

  /** @returns the time that it had */
  #freshen(entry: JournalEntry, nowNs: bigint): bigint | undefined {
    const { fs } = this.#work.target;
    const path = stagedPath(this.#work.target, entry);
    const fd = unlessErrno(['ENOENT', 'ELOOP', 'EACCES'], () => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    if (fd === undefined) {
      return undefined;
    }
    try {
      const { type, mtimeNs } = fs.fstat(fd);
      if (type !== 'file' || mtimeNs > nowNs - OLDEST_LINKED_NS) {
        return undefined;
      }
      fs.futimes(fd, nowNs - OLDEST_STAGED_NS, nowNs - OLDEST_STAGED_NS);
      return mtimeNs;
    } finally {
      fs.close(fd);
    }
  }
}
