/** What is different in another snapshot, counted: what a report tells of two archives. */

import type { Difference, DiffReport } from '../inspect/diff.ts';
import type { InfoReport } from '../inspect/info.ts';
import type { MessageChange } from '../inspect/message-changes.ts';
import { domainOf, isToDo } from '../plan/mail-domain.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

export interface DomainChange {
  readonly domain: string;
  /** Messages that are in the first snapshot alone. */
  readonly gone: number;
  /** Messages that are in the second snapshot alone. */
  readonly come: number;
}

export interface QueueChanges {
  /** The other snapshot. */
  readonly archive: Pick<InfoReport, 'snapshot_id' | 'myhostname' | 'instance' | 'started' | 'messages'>;
  /** As `diff` counts them. */
  readonly counts: DiffReport;
  /** Of those that are in both, by what became of them; a message may count for several. */
  readonly changes: readonly { readonly code: MessageChange['code']; readonly messages: number }[];
  readonly moves: readonly {
    readonly from: MessageQueueName;
    readonly to: MessageQueueName;
    readonly messages: number;
  }[];
  /** Those of most messages. */
  readonly domains: readonly DomainChange[];
  /** Domains that are not shown. */
  readonly more_domains: number;
}

const DOMAINS_MAXIMUM = 100_000;
const DOMAINS_SHOWN = 50;

export class ChangeSurvey {
  readonly #codes = new Map<MessageChange['code'], number>();
  readonly #moves = new Map<string, { from: MessageQueueName; to: MessageQueueName; messages: number }>();
  readonly #domains = new Map<string, { gone: number; come: number }>();

  add(difference: Difference): void {
    if (difference.change === 'changed') {
      this.#addChanges(difference.changes);
      return;
    }
    const { recipients } = difference.left ?? difference.right;
    for (const domain of new Set(recipients.filter(isToDo).map(({ address }) => domainOf(address)))) {
      this.#addDomain(domain, difference.change);
    }
  }

  told(counts: DiffReport, archive: QueueChanges['archive']): QueueChanges {
    const { snapshot_id, myhostname, instance, started, messages } = archive;
    const domains = [...this.#domains]
      .map(([domain, change]): DomainChange => ({ domain, ...change }))
      .sort((one, other) => other.gone + other.come - one.gone - one.come || (one.domain < other.domain ? -1 : 1));
    return {
      archive: { snapshot_id, myhostname, instance, started, messages },
      counts,
      changes: [...this.#codes].map(([code, of]) => ({ code, messages: of })).sort(byMessages),
      moves: [...this.#moves.values()].sort(byMessages),
      domains: domains.slice(0, DOMAINS_SHOWN),
      more_domains: Math.max(0, domains.length - DOMAINS_SHOWN),
    };
  }

  #addChanges(changes: readonly MessageChange[]): void {
    for (const code of new Set(changes.map((change) => change.code))) {
      this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    }
    for (const change of changes) {
      if (change.code === 'moved') {
        const { from, to } = change;
        const move = this.#moves.get(`${from} ${to}`) ?? { from, to, messages: 0 };
        move.messages += 1;
        this.#moves.set(`${from} ${to}`, move);
      }
    }
  }

  #addDomain(domain: string, change: 'only_left' | 'only_right'): void {
    const counts = this.#domains.get(domain) ?? { gone: 0, come: 0 };
    if (this.#domains.size < DOMAINS_MAXIMUM || this.#domains.has(domain)) {
      counts[change === 'only_left' ? 'gone' : 'come'] += 1;
      this.#domains.set(domain, counts);
    }
  }
}

function byMessages(one: { readonly messages: number }, other: { readonly messages: number }): number {
  return other.messages - one.messages;
}
