/** What became of a message from one look at a queue to a later one. Pure. */

import type { CatalogueRecipient, MessageLine } from '../format/catalogue-line.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

export type MessageChange =
  /** Into another queue: put on hold, released, deferred again. */
  | { readonly code: 'moved'; readonly from: MessageQueueName; readonly to: MessageQueueName }
  /** It has another queue ID. */
  | { readonly code: 'renamed'; readonly from: string; readonly to: string }
  /** pickup(8) and cleanup(8) wrote a new file for the same submission: new mail was taken, or old was requeued. */
  | { readonly code: 'rewritten' }
  /** Delivered, returned, or no longer wanted. */
  | { readonly code: 'recipients-done'; readonly recipients: readonly string[] }
  | { readonly code: 'recipients-added'; readonly recipients: readonly string[] }
  /** They are delayed for another reason, or for one at all. */
  | { readonly code: 'reason-changed'; readonly recipients: readonly string[] }
  /** `postsuper -e` or `-f`: it will be returned at the next try. */
  | { readonly code: 'forced-expiry'; readonly set: boolean }
  /** Its bounce or trace log: a notice is owed, or no longer. */
  | { readonly code: 'notice-pending'; readonly set: boolean }
  /** Postfix has marked its file otherwise: a delay warning was sent, for one. */
  | { readonly code: 'marked' };

/** What is different; nothing where the message is as it was. When it is tried next is no difference. */
export function changesOf(left: MessageLine, right: MessageLine): MessageChange[] {
  const changes: MessageChange[] = [];
  if (left.queue_name !== right.queue_name) {
    changes.push({ code: 'moved', from: left.queue_name, to: right.queue_name });
  }
  if (left.queue_id !== right.queue_id) {
    changes.push({ code: 'renamed', from: left.queue_id, to: right.queue_id });
  }
  if (left.fingerprint !== right.fingerprint) {
    changes.push({ code: 'rewritten' });
  }
  changes.push(...recipientChanges(left, right));
  if (left.forced_expire !== right.forced_expire) {
    changes.push({ code: 'forced-expiry', set: right.forced_expire });
  }
  if (left.pending !== right.pending) {
    changes.push({ code: 'notice-pending', set: right.pending });
  }
  const isExplained = changes.some(({ code }) => code === 'rewritten' || code === 'recipients-done');
  return left.sha256 === right.sha256 || isExplained ? changes : [...changes, { code: 'marked' }];
}

function recipientChanges(left: MessageLine, right: MessageLine): MessageChange[] {
  if (left.recipients_omitted !== undefined || right.recipients_omitted !== undefined) {
    // Which of them the catalogue has no room for, nobody knows.
    return [];
  }
  const [before, after] = [reasonsByAddress(left.recipients), reasonsByAddress(right.recipients)];
  const done = [...before.keys()].filter((address) => !after.has(address));
  const added = [...after.keys()].filter((address) => !before.has(address));
  const changed = [...after].filter(([address, reason]) => before.has(address) && before.get(address) !== reason);
  return [
    ...(done.length > 0 ? [{ code: 'recipients-done', recipients: done } as const] : []),
    ...(added.length > 0 ? [{ code: 'recipients-added', recipients: added } as const] : []),
    ...(changed.length > 0
      ? [{ code: 'reason-changed', recipients: changed.map(([address]) => address) } as const]
      : []),
  ];
}

/** Of those that are still to do: whoever is in the bounce log alone is done (bounce(8)). */
function reasonsByAddress(recipients: readonly CatalogueRecipient[]): Map<string, string | undefined> {
  const toDo = recipients.filter(
    ({ delay_reason, bounce_reason }) => delay_reason !== undefined || bounce_reason === undefined,
  );
  return new Map(toDo.map(({ address, delay_reason }) => [address, delay_reason]));
}
