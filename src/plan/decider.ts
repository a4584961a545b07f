/** Decides about the messages of an archive, one after the other, in the order of the catalogue. */

import type { MessageLine } from '../format/catalogue-line.ts';
import { DigestSet } from '../table/digest-set.ts';
import { decideOne, type Knowledge, omit, type PlanOptions } from './decide.ts';
import type { Decision } from './decision.ts';

/** A message that the archive holds twice (somebody copied the file at the source) is restored once. */
export class Decider {
  readonly #options: PlanOptions;
  readonly #known: Knowledge;
  readonly #planned = new DigestSet();

  constructor(options: PlanOptions, known: Knowledge) {
    this.#options = options;
    this.#known = known;
  }

  decide(message: MessageLine): Decision {
    const decision = decideOne(message, this.#options, this.#known);
    const isOne = decision.kind === 'restore' || decision.reason.code === 'interrupted-restore-finished';
    return isOne && !this.#planned.add(message.fingerprint)
      ? omit(message, 'already_present', { code: 'twice-in-archive' })
      : decision;
  }
}
