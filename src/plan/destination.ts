/** The table of routes: where each queue's messages go, and which messages are asked for at all. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { type MaildropLimits, type UnfitCause, unfitForMaildrop } from './maildrop-fitness.ts';
import type { Reason } from './reason.ts';

/** Where messages go: back to their queues, through pickup and cleanup once more, or all on hold for review. */
export type RestoreRoute = 'queues' | 'maildrop' | 'hold';

/** The options that choose a message's way. */
export interface RouteOptions {
  readonly into: RestoreRoute;
  /** The queues that were named; absent: all but those that are only restored when named. */
  readonly queues?: ReadonlySet<MessageQueueName>;
  /** On the maildrop route: held messages too. */
  readonly releaseHeld: boolean;
  /** What pickup(8) and cleanup(8) of the target take; absent where it is not known. */
  readonly limits?: MaildropLimits | undefined;
}

/**
 * qmgr(8) moves everything in active to incoming when it starts (qmgr_move.c), so active goes to incoming. What is in
 * maildrop is not sanitised: it "must not be mixed with already sanitized mail" (postsuper.c), so it goes nowhere else.
 */
const DESTINATIONS: Readonly<Record<RestoreRoute, Readonly<Record<MessageQueueName, MessageQueueName>>>> = {
  queues: {
    maildrop: 'maildrop',
    incoming: 'incoming',
    active: 'incoming',
    deferred: 'deferred',
    hold: 'hold',
    corrupt: 'corrupt',
    saved: 'saved',
  },
  maildrop: {
    maildrop: 'maildrop',
    incoming: 'maildrop',
    active: 'maildrop',
    deferred: 'maildrop',
    hold: 'maildrop',
    corrupt: 'maildrop',
    saved: 'maildrop',
  },
  hold: {
    maildrop: 'maildrop',
    incoming: 'hold',
    active: 'hold',
    deferred: 'hold',
    hold: 'hold',
    corrupt: 'hold',
    saved: 'hold',
  },
};

/** The queue that a message goes to, if it is asked for. */
export function destinationOf(message: MessageLine, options: RouteOptions): MessageQueueName {
  const route = whyOffMaildrop(message, options) === undefined ? options.into : 'queues';
  return DESTINATIONS[route][message.queue_name];
}

/** Why a message does not go through maildrop, though the others do. */
export type OffMaildrop = 'held' | 'pending' | UnfitCause;

/**
 * The maildrop route releases what is held, and drops the notices that a bounce or trace log stands for. What pickup(8) or
 * cleanup(8) would delete or return goes back into its queue, where qmgr(8) takes it.
 *
 * @returns undefined if it goes the way that was asked for
 */
export function whyOffMaildrop(
  message: MessageLine,
  { into, releaseHeld, limits }: RouteOptions,
): OffMaildrop | undefined {
  if (into !== 'maildrop' || message.queue_name === 'maildrop') {
    return undefined;
  }
  if (message.queue_name === 'hold' && !releaseHeld) {
    return 'held';
  }
  return message.pending ? 'pending' : limits && unfitForMaildrop(message, limits)?.cause;
}

/** Why a message is not asked for; undefined if it is. */
export function whyNotSelected(from: MessageQueueName, { queues, into }: RouteOptions): Reason | undefined {
  if (queues !== undefined) {
    return queues.has(from) ? undefined : { code: 'queue-not-named', queue: from };
  }
  if (from === 'corrupt' || from === 'saved') {
    return { code: 'restored-only-when-named', queue: from };
  }
  return from === 'maildrop' && into === 'hold' ? { code: 'unchecked-mail-not-on-hold' } : undefined;
}

/** Whether Postfix reads what stands in this queue, so that its records must be sound. */
export function isChecked(destination: MessageQueueName): boolean {
  return destination !== 'corrupt' && destination !== 'saved';
}
