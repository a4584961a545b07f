/** How far the finishing of restores that were cut off is: at a pace it may take hours. */

import type { FileSystem } from '../fs/file-system.ts';
import { isRepair } from '../journal/journal.ts';
import { journalsToFinish } from '../journal/unfinished.ts';
import type { OperationControl } from '../operation.ts';
import type { Pace } from '../pace.ts';
import { MessageProgress } from './message-progress.ts';

interface Finishing {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly control: OperationControl;
  /** Instead of that of the journals. */
  readonly pace?: Pace | undefined;
}

/** The progress of all messages that are finished. */
export function finishProgress({ fs, queueDirectory, control, pace }: Finishing): MessageProgress {
  const journals = journalsToFinish(fs, queueDirectory).filter(({ head }) => !isRepair(head));
  return new MessageProgress(control, {
    phase: 'putting into the queues',
    total: journals.reduce((sum, { states }) => sum + states.size, 0),
    rate: pace?.rate ?? journals[0]?.head.pace?.rate,
  });
}
