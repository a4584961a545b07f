/** The reason that a message has which could not be put into its queue. */

import type { Failure } from '../journal/work.ts';
import type { Reason } from '../plan/reason.ts';

/** Why a message could not be put into its queue. */
export function reasonOf(failure: Failure, queueId: string): Reason {
  switch (failure.kind) {
    case 'lost':
      return { code: 'vanished' };
    case 'uncertain':
      return { code: 'vanished-perhaps-delivered', queueId };
    case 'stuck':
      return { code: 'not-placed', obstacle: failure.reason };
  }
}
