/** What finishing an earlier restore and carrying out this one have in common. */

import type { PlacementTarget } from '../journal/placement.ts';
import { relabelFor } from '../journal/relabel.ts';
import type { FinishOptions } from '../journal/unfinished.ts';
import type { RestoreRequest } from './request.ts';
import { type Proofs, submittersOf } from './submitters.ts';
import type { Surroundings } from './surroundings.ts';

/** Where messages are placed. */
export function groundOf({ fs, configuration }: Surroundings): PlacementTarget {
  const { queueDirectory, layout, enableLongQueueIds } = configuration;
  return { fs, queueDirectory, layout, enableLongQueueIds };
}

const UNPROVEN =
  "genuine submissions were left to mail_owner: only root gives them to who made them, where the system lets it, and by the archive's word alone";

/** What finishing and carrying out have in common. @param proofs of a run that has just staged the archive */
export function carrying(
  surroundings: Surroundings,
  request: Pick<RestoreRequest, 'archive'>,
  proofs?: Proofs,
): Omit<FinishOptions, keyof PlacementTarget> & Pick<PlacementTarget, 'submitters'> {
  const { control, now, warnings } = surroundings;
  const relabel = relabelFor(surroundings);
  const submitters = submittersOf(surroundings, request, proofs);
  return {
    now,
    onUnproven: () => warnings.tell(UNPROVEN),
    ...(control.signal === undefined ? {} : { signal: control.signal }),
    ...(submitters === undefined ? {} : { submitters }),
    ...(relabel === undefined ? {} : { relabel }),
  };
}
