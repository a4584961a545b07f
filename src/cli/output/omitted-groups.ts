/** The messages that a restore leaves out, grouped by the reason. */

import type { Reason, ReasonCode } from '../../plan/reason.ts';
import type { MessageMapping } from '../../restore/options.ts';
import type { QueueCommands } from './queue-commands.ts';
import { reasonText } from './reason-text.ts';

/** Messages that are left out for one reason. */
export interface OmittedGroup extends Group {
  readonly text: string;
}

interface Group {
  readonly severity: 'problem' | 'warning' | 'info';
  readonly action: MessageMapping['action'];
  /** Undefined where there are several. */
  readonly reason: Reason | undefined;
  readonly messages: number;
  /** The first few: `deferred/4F1A21B`. */
  readonly examples: readonly string[];
}

const EXAMPLES = 3;
/** More groups than anybody reads: a queue may have hundreds of receipts. */
const GROUPS_MAXIMUM = 40;

/** What may not be what was wanted, though it is asked for: the rest is worth knowing. */
const WARNINGS: readonly ReasonCode[] = ['unchecked-mail-not-on-hold', 'over-since', 'requeued-in-target'];

/** Collects the messages that are left out. */
export class OmittedGroups {
  readonly #groups = new Map<string, Group>();
  readonly #commands: QueueCommands;

  constructor(commands: QueueCommands) {
    this.#commands = commands;
  }

  note(mapping: Pick<MessageMapping, 'queue_name' | 'queue_id' | 'action' | 'reason'>): void {
    const { queue_name, queue_id, action, reason } = mapping;
    if (reason === null || action === 'restored') {
      return;
    }
    const key = this.#keyOf(`${action} ${reasonText(reason, this.#commands)}`);
    const before = this.#groups.get(key);
    const examples = before?.examples ?? [];
    this.#groups.set(key, {
      severity: severityOf(mapping),
      action,
      reason: key === OTHERS ? undefined : reason,
      messages: (before?.messages ?? 0) + 1,
      examples: examples.length < EXAMPLES ? [...examples, `${queue_name}/${queue_id}`] : examples,
    });
  }

  #keyOf(key: string): string {
    return this.#groups.has(key) || this.#groups.size < GROUPS_MAXIMUM ? key : OTHERS;
  }

  /** The worst first; of equals, that of most messages. */
  list(): OmittedGroup[] {
    const rank = ({ severity }: Group): number => ['problem', 'warning', 'info'].indexOf(severity);
    return [...this.#groups.values()]
      .sort((one, other) => rank(one) - rank(other) || other.messages - one.messages)
      .map((group) => ({ ...group, text: this.#textOf(group) }));
  }

  #textOf({ reason, messages }: Group): string {
    return reason === undefined ? 'for other reasons: see -j and --map' : reasonText(reason, this.#commands, messages);
  }
}

const OTHERS = 'others';

function severityOf({ action, reason }: Pick<MessageMapping, 'action' | 'reason'>): OmittedGroup['severity'] {
  if (action === 'damaged' || action === 'failed') {
    return 'problem';
  }
  return reason !== null && WARNINGS.includes(reason.code) ? 'warning' : 'info';
}
