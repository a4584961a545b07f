/** The table of routes: where each queue's messages go, and which messages are asked for at all. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
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
  const route = options.into === 'maildrop' && staysOffMaildrop(message, options) ? 'queues' : options.into;
  return DESTINATIONS[route][message.queue_name];
}

/** The maildrop route releases what is held, and drops the notices that a bounce or trace log stands for. */
function staysOffMaildrop({ queue_name, pending }: MessageLine, { releaseHeld }: RouteOptions): boolean {
  return (queue_name === 'hold' && !releaseHeld) || pending;
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
