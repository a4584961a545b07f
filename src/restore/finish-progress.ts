/** How far the finishing of restores that were cut off is: at a pace it may take hours. */

import type { FileSystem } from '../fs/file-system.ts';
import { isRepair } from '../journal/journal.ts';
import { journalsToFinish } from '../journal/unfinished.ts';
import type { OperationControl } from '../operation.ts';
import { type Pace, secondsFor } from '../pace.ts';

interface Finishing {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly control: OperationControl;
  /** Instead of that of the journals. */
  readonly pace?: Pace | undefined;
}

/** To be called for each message that is finished. */
export function finishProgress({ fs, queueDirectory, control, pace }: Finishing): () => void {
  const journals = journalsToFinish(fs, queueDirectory).filter(({ head }) => !isRepair(head));
  const total = journals.reduce((sum, { states }) => sum + states.size, 0);
  const rate = pace?.rate ?? journals[0]?.head.pace?.rate;
  let done = 0;
  return () => {
    done += 1;
    control.onEvent?.({
      kind: 'progress',
      phase: 'putting into the queues',
      done,
      total,
      unit: 'messages',
      ...(rate === undefined ? {} : { secondsLeft: secondsFor(rate, total - done) }),
    });
  };
}
