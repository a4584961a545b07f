/** Giving up a cut restore: what is not ready is removed, and what is ready stays. */

import { dirname } from 'node:path';
import { SystemError } from '../errors.ts';
import { makeDurable } from '../fs/durable.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import type { CarryOutOptions } from './carry-out.ts';
import { eachEntry } from './each-entry.ts';
import type { JournalEntry } from './journal.ts';
import { CarriedJournal, type CurrentEntry } from './journal-file.ts';
import { finalPath, finalPaths, unlinkFinals } from './placement.ts';
import { recover } from './recover.ts';
import { removeStagingDirectory } from './staging-directory.ts';
import { type Failure, Work } from './work.ts';

/**
 * Gives up what an interrupted restore has not made ready. Each message is found first, wherever it has got to: a file that
 * is left unready under a name is what nobody would ever read or remove.
 *
 * @returns how many messages were given up
 * @throws SystemError `refused`: one can't be looked for: then none is given up
 */
export async function abandonOne(
  options: Pick<CarryOutOptions, 'target' | 'journal' | 'stagingDirectory' | 'known' | 'signal' | 'now'>,
): Promise<number> {
  const { target } = options;
  const { fs, queueDirectory: root } = target;
  const journal = new CarriedJournal(fs, options.journal, options.known);
  let abandoned = 0;
  const stuck: string[] = [];
  const note = (_entry: JournalEntry, failure: Failure): void => {
    abandoned += 1;
    if (failure.kind === 'stuck') {
      stuck.push(failure.reason);
    }
  };
  const work = new Work(target, journal, { onDone: () => undefined, onFailed: note });
  try {
    await recover(work, options);
    refuseStuck(options.journal, stuck);
    const directories = new Set<string>();
    await eachEntry(options, work.entries('staged', 'placed'), (current) => removeNames(work, current, directories));
    // The names in queues are gone, durably, before the journal says that nothing is left to be looked for: a later run
    // would leave them to nobody. (abandon.test.ts, "leaves no unready name in a queue, wherever it is cut off")
    makeDurable(fs, { root, files: [], directories });
    await eachEntry(options, work.entries('staged', 'placed'), (current) => work.giveUp(current, 'lost'));
    // Known before the staged names go: what is given up is not carried out by a later run.
    journal.sync();
    removeStagingDirectory(fs, options.stagingDirectory);
    makeDurable(fs, { root, files: [], directories: [root] });
    journal.finish(options.now().toISOString());
    return abandoned;
  } finally {
    journal.close();
  }
}

/**
 * What nobody may look for may stand unready in a queue, and nothing was marked of it: were the journal done, it would count
 * as restored. (abandon.test.ts, "removes nothing, and counts nothing as restored, while it may not look for a message")
 */
function refuseStuck(path: string, reasons: readonly string[]): void {
  const [reason] = reasons;
  if (reason !== undefined) {
    throw new SystemError('refused', `can't give up the restore of ${path}: ${reason}`, {
      path,
      errno: 'EACCES',
      nextStep: 'Mend that, and run the same command again. Nothing was given up.',
    });
  }
}

/** Takes the names that a message and its logs have in queues, and notes the directories; the staged ones stay. */
function removeNames(work: Work, { index, entry, formerIds }: CurrentEntry, directories: Set<string>): void {
  const { target } = work;
  if (work.step(index) === 'placed') {
    safeUnlink(target.fs, finalPath(target, entry.newQueueName, entry.newQueueId));
  }
  for (const queueId of [entry.newQueueId, ...formerIds]) {
    unlinkFinals(target, entry, queueId);
    for (const path of finalPaths(target, { ...entry, newQueueId: queueId })) {
      directories.add(dirname(path));
    }
  }
}
