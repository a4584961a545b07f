/** From a sealed journal to ready messages. */

import { carryOut } from '../journal/carry-out.ts';
import { carrying, groundOf } from './carrying.ts';
import { reasonOf } from './failure-reason.ts';
import { MessageProgress } from './message-progress.ts';
import type { RestoreRequest } from './request.ts';
import type { Staged } from './stage.ts';
import type { Surroundings } from './surroundings.ts';
import type { Tally } from './tally.ts';

/**
 * Puts what is staged into the queues; the plan is at its end then, and each message is told.
 *
 * @throws InterruptedError: the same command goes on
 * @throws SystemError: the same command goes on
 */
export async function carryOutStaged(
  surroundings: Surroundings,
  request: RestoreRequest,
  { staged, tally }: { readonly staged: Staged; readonly tally: Tally },
): Promise<void> {
  const { staging, proofs, messages } = staged;
  const { submitters, ...rest } = carrying(surroundings, request, proofs);
  const target = groundOf(surroundings);
  const { pace } = request.options;
  const counted = { phase: 'putting into the queues', total: messages, rate: pace?.rate };
  const progress = new MessageProgress(surroundings.control, counted);
  await carryOut({
    ...rest,
    ...(pace === undefined ? {} : { pace }),
    target: submitters === undefined ? target : { ...target, submitters },
    journal: staging.journal,
    stagingDirectory: staging.directory,
    known: staging.known(),
    onFailed: (entry, failure) => {
      tally.failed(entry, reasonOf(failure, entry.newQueueId));
      progress.tell();
    },
    onDone: (entry) => {
      tally.restored(entry);
      progress.tell();
    },
  });
}
