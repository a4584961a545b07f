/** Lines of a catalogue as a mail server has them that could not deliver for some days. Always the same ones. */

import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { formatShortQueueId } from '../../../src/queue/queue-id.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import { messageLine } from '../archive/catalogue-message.ts';

/** When the snapshot was begun: in seconds since the epoch. */
export const STARTED = Date.parse('2026-03-02T06:15:00Z') / 1000;

const DOMAINS: readonly (readonly [name: string, share: number, reason: string])[] = [
  ['bigmail.example', 46, 'host mx#.bigmail.example[192.0.2.#] said: 421 4.7.0 Try again later, closing connection'],
  ['customer.example', 14, 'connect to mail.customer.example[198.51.100.#]:25: Connection timed out'],
  ['university.example', 9, 'host mx.university.example[203.0.113.#] said: 450 4.7.1 <@>: Greylisted, wait # seconds'],
  [
    'partner.example',
    7,
    'Host or domain name not found. Name service error for name=partner.example type=MX: Host not found, try again',
  ],
  ['shop.example', 6, 'lost connection with mx.shop.example[192.0.2.#] while receiving the initial server greeting'],
  [
    'city.example',
    4,
    'host mx.city.example[192.0.2.#] said: 452 4.2.2 <@>: Mailbox full (in reply to RCPT TO command)',
  ],
  [
    'club.example',
    3,
    'delivery temporarily suspended: connect to mx.club.example[198.51.100.#]:25: Connection refused',
  ],
];
const SENDERS = [
  'newsletter@ours.example',
  'billing@ours.example',
  'anna@ours.example',
  'MAILER-DAEMON',
  'web@shop.ours.example',
];
const DAY = 86_400;

/** xorshift32: the same numbers everywhere. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function* sampleLines(count: number): Generator<MessageLine> {
  const below = numbers(20_260_302);
  for (let number = 0; number < count; number += 1) {
    const [domain, reason] = destination(below);
    const inode = BigInt(0x20000 + number);
    // More of it lately, and a wave of a newsletter a day and a half ago.
    const age = below(3) === 0 ? 1.4 * DAY + below(4 * 3600) : (below(1000) / 1000) ** 2.2 * 4.4 * DAY + below(300);
    const delay = reason.replaceAll('#', () => String(below(250))).replace('@', `user${below(900)}@${domain}`);
    const queue = queueOf(below(1000));
    yield messageLine({
      queue_name: queue,
      queue_id: formatShortQueueId({ microseconds: below(1_000_000), inode }).text,
      arrival_time: Math.floor(STARTED - age),
      message_size: Math.round(1200 * 2 ** (below(1000) / 130) + (below(150) === 0 ? below(9_000_000) : 0)),
      sender: SENDERS[Math.min(below(5), below(5))] ?? '',
      recipients: Array.from({ length: 1 + (below(9) === 0 ? below(4) : 0) }, () => ({
        address: `user${below(900)}@${domain}`,
        ...(queue === 'deferred' || queue === 'hold' ? { delay_reason: delay } : {}),
      })),
      ...(number % 4001 === 17 ? { malformed: ['no end record', 'size record says 0'] } : {}),
      mode: number % 3301 === 5 ? 0o710 : 0o700,
    });
  }
}

function destination(below: (limit: number) => number): readonly [domain: string, reason: string] {
  let left = below(100);
  for (const [name, share, reason] of DOMAINS) {
    left -= share;
    if (left < 0) {
      return [name, reason];
    }
  }
  const name = `company-${below(180)}.example`;
  return [name, `connect to ${name}[203.0.113.#]:25: No route to host`];
}

function queueOf(permille: number): MessageQueueName {
  return permille < 930
    ? 'deferred'
    : permille < 947
      ? 'hold'
      : permille < 980
        ? 'active'
        : permille < 996
          ? 'incoming'
          : 'maildrop';
}
