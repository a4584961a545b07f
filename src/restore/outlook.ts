/** What a restore will do in all, known before its first write: the room it takes, the queues it needs, what to warn of. */

import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import type { QueueName } from '../queue/queue-name.ts';
import { type RoomNeeded, roundedToBlocks } from './free-space.ts';
import type { RestoreRoute } from './options.ts';
import type { Decision, PlannedMessage } from './plan.ts';

export interface Outlook extends RoomNeeded {
  /** The queues, of messages and logs, that files will be put into. */
  readonly queues: ReadonlySet<QueueName>;
  /** Messages that go through cleanup(8) once more. */
  readonly throughMaildrop: number;
  /** Of maildrop, from where nothing goes on hold: messages that are left out, and those that were asked for all the same. */
  readonly leftOffHold: number;
  readonly pickedUpInstead: number;
  /** Messages that are past maximal_queue_lifetime where they go: Postfix tries once, and returns them. */
  readonly expired: number;
}

export interface OutlookOptions {
  readonly decide: (message: MessageLine) => Decision;
  readonly into: RestoreRoute;
  /** Whether the administrator named the queues. */
  readonly areQueuesNamed: boolean;
  /** Messages that arrived before, in seconds since the epoch, are past maximal_queue_lifetime. */
  readonly expiredBefore: number;
}

/** Adds up the decisions about a whole catalogue. */
export function lookAhead(lines: Iterable<CatalogueLine>, options: OutlookOptions): Outlook {
  const queues = new Set<QueueName>();
  const sum = { messages: 0, files: 0, bytes: 0, throughMaildrop: 0, leftOffHold: 0, pickedUpInstead: 0, expired: 0 };
  const addFile = (queue: QueueName, size: number): void => {
    queues.add(queue);
    sum.files += 1;
    sum.bytes += roundedToBlocks(size);
  };
  let current: PlannedMessage | undefined;
  for (const line of lines) {
    if (line.kind === 'log') {
      if (current?.withLogs === true && line.queue_id === current.message.queue_id) {
        addFile(line.queue_name, line.file_size);
      }
      continue;
    }
    const decision = options.decide(line);
    current = decision.kind === 'restore' ? decision : undefined;
    countUnheld(decision, options, sum);
    if (current !== undefined) {
      sum.messages += 1;
      sum.throughMaildrop += isRequeued(current) ? 1 : 0;
      sum.expired += isExpired(current, options.expiredBefore) ? 1 : 0;
      addFile(current.destination, line.file_size);
    }
  }
  return { ...sum, queues };
}

function countUnheld(
  { kind, message }: Decision,
  { into, areQueuesNamed }: OutlookOptions,
  sum: { leftOffHold: number; pickedUpInstead: number },
): void {
  if (into !== 'hold' || message.queue_name !== 'maildrop') {
    return;
  }
  if (kind === 'restore') {
    sum.pickedUpInstead += 1;
  } else if (!areQueuesNamed && message.state === 'queued') {
    sum.leftOffHold += 1;
  }
}

function isRequeued({ destination, message }: PlannedMessage): boolean {
  return destination === 'maildrop' && message.queue_name !== 'maildrop';
}

/** Held mail does not expire, and cleanup(8) starts the clock anew. */
function isExpired({ destination, message }: PlannedMessage, expiredBefore: number): boolean {
  return (destination === 'incoming' || destination === 'deferred') && message.arrival_time < expiredBefore;
}
