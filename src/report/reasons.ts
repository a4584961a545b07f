/** Why mail waits: the kinds of reasons, with the messages that they are of. */

import type { MessageLine } from '../format/catalogue-line.ts';
import { kindOfReason } from '../plan/reason-kind.ts';
import type { BaseSelection } from './base-selection.ts';
import type { QueueReport } from './queue-report.ts';

/** Kinds that are told apart, and reasons whose kind is remembered: strangers write them. */
const KINDS_MAXIMUM = 20_000;
const REMEMBERED_MAXIMUM = 20_000;
const SHOWN = 25;

export class Reasons {
  readonly #kinds = new Map<string, number>();
  readonly #remembered = new Map<string, string>();
  #beyond = 0;

  add({ recipients }: Pick<MessageLine, 'recipients'>): void {
    const kinds = new Set<string>();
    for (const { delay_reason, bounce_reason } of recipients) {
      for (const reason of [delay_reason, bounce_reason]) {
        if (reason !== undefined) {
          kinds.add(this.#kindOf(reason));
        }
      }
    }
    for (const kind of kinds) {
      this.#count(kind);
    }
  }

  groups(base: BaseSelection): QueueReport['reasons'] {
    const sorted = [...this.#kinds].sort(([one, more], [other, less]) => less - more || (one < other ? -1 : 1));
    const hidden = sorted.slice(SHOWN);
    const messages = hidden.reduce((sum, [, count]) => sum + count, this.#beyond);
    return {
      groups: sorted.slice(0, SHOWN).map(([reason, count]) => ({
        reason,
        messages: count,
        selection: reason === '' ? null : base.with({ reasonKinds: [reason] }),
      })),
      others: messages === 0 ? null : { kinds: this.#beyond > 0 ? null : hidden.length, messages },
    };
  }

  #count(kind: string): void {
    const count = this.#kinds.get(kind);
    if (count === undefined && this.#kinds.size >= KINDS_MAXIMUM) {
      this.#beyond += 1;
    } else {
      this.#kinds.set(kind, (count ?? 0) + 1);
    }
  }

  #kindOf(reason: string): string {
    const known = this.#remembered.get(reason);
    if (known !== undefined) {
      return known;
    }
    const kind = kindOfReason(reason);
    if (this.#remembered.size < REMEMBERED_MAXIMUM) {
      this.#remembered.set(reason, kind);
    }
    return kind;
  }
}
