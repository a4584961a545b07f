/**
 * What a repair takes from its place in a queue is withdrawn first: it gets the mode that a staged file has, so that from here
 * on the order of a restore holds, even if somebody starts Postfix meanwhile. (pickup(8) deletes a ready file with two names.)
 *
 * Old times are moved on durably before the first ready bit goes: `postsuper -p`, at each start, deletes an unready file that
 * is 7 days old. The journal knows the times and modes; it is sealed before this is called.
 * (repair-crash.test.ts, "a repair that is cut off at every call and run again"; withdraw.test.ts, "moves all times on,
 * durably, before the first ready bit goes")
 */

import { makeDurable } from '../fs/durable.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { eachEntry } from './each-entry.ts';
import type { JournalEntry } from './journal.ts';
import type { CurrentEntry } from './journal-file.ts';
import { obstacleOf } from './obstacle.ts';
import { type PlacementTarget, stagedPath } from './placement.ts';
import { isInQueue } from './state-directory.ts';
import type { Work } from './work.ts';

const UNREADY = 0o600;

/** Takes the ready bits from what stands in a queue and is to get another name. */
export async function withdraw(work: Work, signal: { readonly signal?: AbortSignal }): Promise<void> {
  const { target } = work;
  if (!work.journal.isRepair) {
    return;
  }
  await eachFile(work, signal, (fd, entry) => {
    if (entry.times !== undefined) {
      target.fs.futimes(fd, entry.times.stagedNs, entry.times.stagedNs);
    }
  });
  await eachFile(work, signal, (fd) => target.fs.fchmod(fd, UNREADY));
}

async function eachFile(
  work: Work,
  signal: { readonly signal?: AbortSignal },
  change: (fd: number, entry: JournalEntry) => void,
): Promise<void> {
  const { target } = work;
  const changed: string[] = [];
  const inQueue = some(work.entries('staged'), ({ entry }) => isInQueue(entry.from));
  await eachEntry(signal, inQueue, (current) => {
    try {
      const outcome = changeFile(target, current, change);
      if (outcome === 'changed') {
        changed.push(stagedPath(target, current.entry));
      } else if (outcome === 'another') {
        work.setStep(current.index, 'astray');
      }
    } catch (error) {
      const reason = obstacleOf(error);
      if (reason === undefined) {
        throw error;
      }
      work.getStuck(current, reason);
    }
  });
  if (changed.length > 0) {
    makeDurable(target.fs, { root: target.queueDirectory, files: changed, directories: [] });
  }
}

/** What is not there any more, or is another file now, is searched for. */
function changeFile(
  target: PlacementTarget,
  { entry }: CurrentEntry,
  change: (fd: number, entry: JournalEntry) => void,
): 'changed' | 'before' | 'another' {
  const { fs } = target;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  const fd = unlessErrno(['ENOENT', 'ELOOP'], () => fs.open(stagedPath(target, entry), flags));
  if (fd === undefined) {
    return 'another';
  }
  try {
    const { type, inode, size, mode } = fs.fstat(fd);
    if (type !== 'file' || inode !== entry.inode || size !== entry.size) {
      return 'another';
    }
    if (mode === UNREADY) {
      return 'before';
    }
    change(fd, entry);
    return 'changed';
  } finally {
    fs.close(fd);
  }
}

function* some(entries: Iterable<CurrentEntry>, isMeant: (entry: CurrentEntry) => boolean): Generator<CurrentEntry> {
  for (const entry of entries) {
    if (isMeant(entry)) {
      yield entry;
    }
  }
}
