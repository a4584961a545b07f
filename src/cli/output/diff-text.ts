/** The differences between two snapshots, as lines for people and as lines of JSON. */

import type { Difference, DiffReport } from '../../inspect/diff.ts';
import type { ListedMessage } from '../../inspect/list.ts';
import type { MessageChange } from '../../inspect/message-changes.ts';
import { countOf, formatCount } from './quantity.ts';
import { printable } from './stderr-line.ts';

/** How the two sides are called. */
export interface SideNames {
  readonly left: string;
  readonly right: string;
}

/** One difference, as a line for people; `Only in` as diff(1) says it. */
export function differenceLine(difference: Difference, names: SideNames): string {
  switch (difference.change) {
    case 'only_left':
      return `Only in ${names.left}: ${described(difference.left)}\n`;
    case 'only_right':
      return `Only in ${names.right}: ${described(difference.right)}\n`;
    case 'changed': {
      const changes = difference.changes.map((change) => printable(changeText(change))).join('; ');
      return `Changed: ${placeOf(difference.left)}: ${changes}\n`;
    }
  }
}

/** One difference, as a line of JSON. */
export function differenceJsonLine(difference: Difference): string {
  const { change, left, right } = difference;
  const { fingerprint, sender } = left ?? right;
  const changes = difference.change === 'changed' ? difference.changes : [];
  return `${JSON.stringify({ change, left: sideOf(left), right: sideOf(right), fingerprint, sender, changes })}\n`;
}

/** How many are different, in all. */
export function diffSummary({ same, changed, only_left, only_right }: DiffReport, names: SideNames): string {
  if (changed + only_left + only_right === 0) {
    return `No difference: ${countOf(same, 'message')}.\n`;
  }
  const parts = [
    `${formatCount(only_left)} only in ${names.left}`,
    `${formatCount(only_right)} only in ${names.right}`,
    `${formatCount(changed)} changed`,
    `${formatCount(same)} the same`,
  ];
  return `\n${parts.join(', ')}.\n`;
}

function sideOf(message: ListedMessage | null): { readonly queue_name: string; readonly queue_id: string } | null {
  return message === null ? null : { queue_name: message.queue_name, queue_id: message.queue_id };
}

function placeOf({ queue_name, queue_id }: ListedMessage): string {
  return `${queue_name}/${queue_id}`;
}

function described(message: ListedMessage): string {
  const to = listed(message.recipients.map(({ address }) => address));
  return `${placeOf(message)} from ${printable(message.sender)}${to === '' ? '' : ` to ${printable(to)}`}`;
}

/** Recipients that are named; the rest is counted. */
const NAMED_MAXIMUM = 3;

function listed(addresses: readonly string[]): string {
  const named = addresses.slice(0, NAMED_MAXIMUM).join(', ');
  const rest = addresses.length - NAMED_MAXIMUM;
  return rest > 0 ? `${named} and ${countOf(rest, 'more', 'more')}` : named;
}

function changeText(change: MessageChange): string {
  switch (change.code) {
    case 'moved':
      return movedText(change.from, change.to);
    case 'renamed':
      return `is ${change.to} now`;
    case 'rewritten':
      return 'went through pickup and cleanup';
    case 'recipients-done':
      return `done: ${listed(change.recipients)}`;
    case 'recipients-added':
      return `added: ${listed(change.recipients)}`;
    case 'reason-changed':
      return `delayed for another reason: ${listed(change.recipients)}`;
    case 'forced-expiry':
      return change.set ? 'will be returned at the next try (postsuper -e or -f)' : 'no longer expires by force';
    case 'notice-pending':
      return change.set ? 'a bounce or delivery notice is owed' : 'no notice is owed any more';
    case 'marked':
      return 'marked otherwise by Postfix (a delay warning was sent, for one)';
  }
}

function movedText(from: string, to: string): string {
  if (to === 'hold') {
    return `put on hold (was in ${from})`;
  }
  return from === 'hold' ? `released from hold into ${to}` : `moved from ${from} to ${to}`;
}
