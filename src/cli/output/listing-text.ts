/** The lines of `list`, in the format of `postqueue -p`. */

import type { ListedMessage, ListedRecipient } from '../../inspect/list.ts';
import type { Criteria } from '../../plan/criteria.ts';
import { countOf } from './quantity.ts';
import { printable } from './stderr-line.ts';

/** The columns of `postqueue -p` (src/postqueue/showq_compat.c); enable_long_queue_ids decides which. */
interface Columns {
  readonly heading: string;
  readonly idWidth: number;
  readonly sizeWidth: number;
  /** The arrival time is cut or padded to this: asctime(3) gives 24 characters, with the year. */
  readonly timeWidth: number;
}

const SHORT_COLUMNS: Columns = {
  heading: '-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------',
  idWidth: 11,
  sizeWidth: 7,
  timeWidth: 20,
};

const LONG_COLUMNS: Columns = {
  heading: '----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------',
  idWidth: 17,
  sizeWidth: 8,
  timeWidth: 19,
};

/** A reason ends at this column where it is short enough. */
const REASON_END = 76;

/** The lines of `postqueue -p`, one message after the other, in any number. */
export class TextListing {
  readonly #columns: Columns;
  #count = 0;
  #size = 0;

  constructor(longQueueIds: boolean) {
    this.#columns = longQueueIds ? LONG_COLUMNS : SHORT_COLUMNS;
  }

  /** The lines for one message, with the heading before the first. */
  message(message: ListedMessage): string {
    const columns = this.#columns;
    const before = this.#count === 0 ? `${columns.heading}\n` : '\n';
    this.#count += 1;
    this.#size += message.message_size;
    return before + senderLine(message, columns) + recipientLines(message.recipients, columns);
  }

  /** What follows the last message. */
  trailer(): string {
    if (this.#count === 0) {
      return 'Mail queue is empty\n';
    }
    return `\n-- ${Math.floor(this.#size / 1024)} Kbytes in ${this.#count} Request${this.#count === 1 ? '' : 's'}.\n`;
  }
}

/** What is in an archive and not in the text listing. */
export class HiddenMessages {
  readonly #asked: Criteria;
  readonly #counts = new Map<string, number>();

  /** @param asked what was asked for by name is shown, wherever it is */
  constructor(asked: Criteria = {}) {
    this.#asked = asked;
  }

  /** Counts the message if it is to be hidden; says whether it is. */
  add(message: Pick<ListedMessage, 'queue_name' | 'state'>): boolean {
    const { queue_name, state } = message;
    const where =
      state === 'left' ? 'left' : queue_name === 'corrupt' || queue_name === 'saved' ? queue_name : undefined;
    if (where === undefined || this.#isAsked(message)) {
      return false;
    }
    this.#counts.set(where, (this.#counts.get(where) ?? 0) + 1);
    return true;
  }

  /** What was hidden, for people; undefined where nothing was. */
  remark(): string | undefined {
    const parts = [...this.#counts].map(([where, count]) => {
      const what = where === 'left' ? 'left the queue during the snapshot' : `in ${where}`;
      return `${countOf(count, 'message')} ${what}`;
    });
    return parts.length === 0 ? undefined : `not shown: ${parts.join(', ')} (-j shows all)`;
  }

  #isAsked({ queue_name, state }: Pick<ListedMessage, 'queue_name' | 'state'>): boolean {
    const { ids, queues, states } = this.#asked;
    return ids !== undefined || (state === 'left' ? states?.includes(state) : queues?.includes(queue_name)) === true;
  }
}

function senderLine(message: ListedMessage, columns: Columns): string {
  const id = `${message.queue_id}${statusCharacters(message)}`.padEnd(columns.idWidth);
  const size = String(message.message_size).padStart(columns.sizeWidth);
  const time = asctime(message.arrival_time).slice(0, columns.timeWidth).padStart(columns.timeWidth);
  return `${id} ${size} ${time} ${printable(message.sender)}\n`;
}

function statusCharacters(message: ListedMessage): string {
  const mark = message.queue_name === 'active' ? '*' : message.queue_name === 'hold' ? '!' : '';
  return message.forced_expire ? `${mark}#` : mark;
}

/** A reason stands above the recipients that it holds for; only a change of reason is shown. */
function recipientLines(recipients: readonly ListedRecipient[], columns: Columns): string {
  const indent = ' '.repeat(columns.idWidth + columns.sizeWidth + (columns === LONG_COLUMNS ? 19 : 20) + 3);
  let shown = '';
  let lines = '';
  for (const recipient of recipients) {
    const reason = printable(recipient.delay_reason ?? recipient.bounce_reason ?? '');
    if (reason !== shown) {
      const text = reason === '' ? 'reason unavailable' : reason;
      // Postfix counts bytes here.
      lines += `${' '.repeat(Math.max(0, REASON_END - Buffer.byteLength(text)))}(${text})\n`;
      shown = reason;
    }
    lines += `${indent}${printable(recipient.address)}\n`;
  }
  return lines;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Thu Nov  5 22:33:01 2026` in local time, as asctime(3) writes it; the newline that ends it is never shown. */
function asctime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const day = DAYS[time.getDay()] ?? '???';
  const month = MONTHS[time.getMonth()] ?? '???';
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((n) => String(n).padStart(2, '0'));
  return `${day} ${month} ${String(time.getDate()).padStart(2)} ${clock.join(':')} ${time.getFullYear()}`;
}
