/**
 * A message went on as another one: a filter gave it back, or it was relayed to its own queue. cleanup(8) expands virtual aliases
 * there once more, and adds blind copies (cleanup_out_recipient.c, always_bcc). So whoever has it there may stand for others.
 */

import type { MessageLife, RecipientOutcome, ToldRecipient } from './message-life.ts';

export class Passage {
  /** Each recipient is told of, and each has come from one that went in. */
  readonly #isKnown: boolean;
  /** Addresses that stand for others: letters' case aside, as cleanup(8) compares them. */
  readonly #expanded: ReadonlySet<string>;

  /** @param gone what went in, at least */
  constructor(gone: readonly RecipientOutcome[], next: MessageLife) {
    const told = next.told();
    const wentIn = new Set(gone.map(({ to }) => to.toLowerCase()));
    this.#expanded = new Set(told.flatMap(({ origTo }) => (origTo === undefined ? [] : [origTo.toLowerCase()])));
    // What is requeued is expanded yet again, and the count is of before.
    this.#isKnown =
      !next.isRequeued &&
      countTold(told) === next.active?.nrcpt &&
      told.every(({ to, origTo = to }) => wentIn.has(origTo.toLowerCase()));
  }

  /** Whether an address that went in is a recipient there, and stands for nobody else. */
  isUnexpanded(to: string): boolean {
    return this.#isKnown && !this.#expanded.has(to.toLowerCase());
  }
}

/** local(8) tells of each thing that a recipient expands to: of one that has several lines, one counts. */
export function countTold(recipients: readonly ToldRecipient[]): number {
  return new Set(recipients.map(({ to, origTo = to, isPart }) => (isPart ? origTo : `${to}\0${origTo}`))).size;
}
