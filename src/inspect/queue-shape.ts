/**
 * The shape of a queue: how many messages for which destinations, or from which senders, and how old they are, as
 * qshape(1) counts it, with what the logs give as reasons. Memory does not grow with the queue beyond the maxima below.
 */

import type { CatalogueRecipient, MessageLine } from '../format/catalogue-line.ts';
import { copyOf, domainOf, isToDo } from '../plan/mail-domain.ts';

/** Minutes: each age is below its limit, and the last has none. qshape(1) has these by default. */
export const AGE_LIMITS = [5, 10, 20, 40, 80, 160, 320, 640, 1280] as const;

/** Domains that have a row of their own; what comes later is counted together. */
const ROW_MAXIMUM = 100_000;
/** Different reasons of all domains; what comes later is not told apart. As many rows and reasons took 57 MB. */
const REASON_MAXIMUM = 100_000;
const REASON_LENGTH_MAXIMUM = 160;

export interface ShapeReason {
  /** Null: those that are not told apart. */
  readonly reason: string | null;
  readonly messages: number;
}

/** What is counted of a domain. */
export interface ShapeRow {
  /** Null: of all domains that have no row of their own; a message counts for each of them. */
  readonly domain: string | null;
  readonly messages: number;
  readonly bytes: number;
  /** Recipients that are still to do. A message may have several in one domain. */
  readonly recipients: number;
  /** By age as {@link AGE_LIMITS} have them, and one more: recipients, or of senders messages. */
  readonly ages: readonly number[];
  /** The most frequent first. */
  readonly reasons: readonly ShapeReason[];
}

/** What one message adds to a row. */
interface Share {
  recipients: number;
  readonly reasons: Set<string>;
}

class Row {
  messages = 0;
  bytes = 0;
  recipients = 0;
  readonly ages: number[] = [...AGE_LIMITS, Number.POSITIVE_INFINITY].map(() => 0);
  readonly reasons = new Map<string, number>();
  otherReasons = 0;
}

export interface ShapeOptions {
  /** Senders in place of destinations. */
  readonly senders: boolean;
  /** Seconds since the epoch: ages are counted from it. */
  readonly now: number;
  readonly rowMaximum?: number;
  readonly reasonMaximum?: number;
}

export class QueueShape {
  readonly #options: ShapeOptions;
  readonly #rows = new Map<string, Row>();
  readonly #others = new Row();
  readonly #total = new Row();
  #reasons = 0;

  constructor(options: ShapeOptions) {
    this.#options = options;
  }

  add(message: MessageLine): void {
    const age = ageOf(message, this.#options.now);
    const shares = this.#options.senders ? senderShare(message) : destinationShares(message);
    for (const [domain, share] of shares) {
      this.#count(this.#row(domain), { message, age, share });
    }
    const omitted = this.#options.senders ? 0 : (message.recipients_omitted ?? 0);
    if (omitted > 0) {
      this.#count(this.#others, { message, age, share: { recipients: omitted, reasons: new Set() } });
    }
    const recipients = [...shares.values()].reduce((sum, share) => sum + share.recipients, omitted);
    if (recipients > 0) {
      this.#count(this.#total, { message, age, share: { recipients, reasons: new Set() } });
    }
  }

  /** All that was counted, without reasons. */
  total(): ShapeRow {
    return told(null, this.#total);
  }

  /** The domains, that of most recipients first, then as qshape(1) has them: the shorter name first. */
  rows(): ShapeRow[] {
    const rows = [...this.#rows].map(([domain, row]) => told(domain, row)).sort(compareRows);
    return this.#others.recipients > 0 ? [...rows, told(null, this.#others)] : rows;
  }

  #row(domain: string): Row {
    const known = this.#rows.get(domain);
    if (known !== undefined) {
      return known;
    }
    if (this.#rows.size >= (this.#options.rowMaximum ?? ROW_MAXIMUM)) {
      return this.#others;
    }
    const row = new Row();
    this.#rows.set(domain, row);
    return row;
  }

  #count(
    row: Row,
    { message, age, share }: { readonly message: MessageLine; readonly age: number; readonly share: Share },
  ): void {
    row.messages += 1;
    row.bytes += message.message_size;
    row.recipients += share.recipients;
    row.ages[age] = (row.ages[age] ?? 0) + share.recipients;
    for (const reason of share.reasons) {
      this.#countReason(row, reason);
    }
  }

  #countReason(row: Row, reason: string): void {
    const count = row.reasons.get(reason);
    if (count === undefined) {
      if (this.#reasons >= (this.#options.reasonMaximum ?? REASON_MAXIMUM)) {
        row.otherReasons += 1;
        return;
      }
      this.#reasons += 1;
    }
    row.reasons.set(reason, (count ?? 0) + 1);
  }
}

function told(domain: string | null, { messages, bytes, recipients, ages, reasons, otherReasons }: Row): ShapeRow {
  const sorted = [...reasons].sort(([one, more], [other, less]) => less - more || compareText(one, other));
  return {
    domain,
    messages,
    bytes,
    recipients,
    ages: [...ages],
    reasons: [
      ...sorted.map(([reason, count]) => ({ reason, messages: count })),
      ...(otherReasons > 0 ? [{ reason: null, messages: otherReasons }] : []),
    ],
  };
}

function compareRows(one: ShapeRow, other: ShapeRow): number {
  const [a, b] = [one.domain ?? '', other.domain ?? ''];
  return other.recipients - one.recipients || a.length - b.length || compareText(a, b);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Which of the ages a message has. */
function ageOf({ arrival_time }: MessageLine, now: number): number {
  const minutes = (now - arrival_time) / 60;
  const index = AGE_LIMITS.findIndex((limit) => minutes < limit);
  return index === -1 ? AGE_LIMITS.length : index;
}

function senderShare({ sender, recipients }: MessageLine): Map<string, Share> {
  return new Map([[domainOf(sender), { recipients: 1, reasons: new Set(recipients.flatMap(reasonOf)) }]]);
}

/** Of what is still to do. */
function destinationShares({ recipients }: MessageLine): Map<string, Share> {
  const shares = new Map<string, Share>();
  for (const recipient of recipients.filter(isToDo)) {
    const domain = domainOf(recipient.address);
    const share = shares.get(domain) ?? { recipients: 0, reasons: new Set<string>() };
    share.recipients += 1;
    for (const reason of reasonOf(recipient)) {
      share.reasons.add(reason);
    }
    shares.set(domain, share);
  }
  return shares;
}

function reasonOf({ delay_reason, bounce_reason }: CatalogueRecipient): string[] {
  const reason = delay_reason ?? bounce_reason;
  return reason === undefined ? [] : [copyOf(reason.slice(0, REASON_LENGTH_MAXIMUM))];
}
