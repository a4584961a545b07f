/** The survey of a queue: messages are added one by one, and a report comes out. Memory grows by some bytes a message. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { InfoReport } from '../inspect/info.ts';
import { QueueShape } from '../inspect/queue-shape.ts';
import { isForcedExpiry } from '../queue/mode.ts';
import { ageTable } from './age-table.ts';
import { Arrivals } from './arrivals.ts';
import { BaseSelection, isoOf, LIVE_QUEUES } from './base-selection.ts';
import { ExpiryCount, type QueueLifetimes } from './lifetimes.ts';
import type { Additions, QueueGroup, QueueReport, ReportedMessage } from './queue-report.ts';
import { Ranking } from './ranking.ts';
import { Reasons } from './reasons.ts';
import { Sizes } from './sizes.ts';

const RECIPIENT_ROWS = 200;
const SENDER_ROWS = 100;
const LARGEST_SHOWN = 10;
const HELD_SHOWN = 25;
const MALFORMED_SHOWN = 25;

export interface SurveyOptions {
  readonly archive: InfoReport;
  /** Milliseconds since the epoch. */
  readonly verified: number | undefined;
  /** Undefined: those of the source are not known. */
  readonly lifetimes: QueueLifetimes | undefined;
  /** When the report is made: in seconds since the epoch. */
  readonly now: number;
}

export class QueueSurvey {
  readonly #options: SurveyOptions;
  readonly #base: BaseSelection;
  readonly #started: number;
  readonly #recipients: QueueShape;
  readonly #senders: QueueShape;
  readonly #arrivals = new Arrivals();
  readonly #sizes = new Sizes();
  readonly #reasons = new Reasons();
  readonly #largest = new Ranking<ReportedMessage>(LARGEST_SHOWN);
  readonly #held = new Ranking<ReportedMessage>(HELD_SHOWN);
  readonly #expiry: ExpiryCount | undefined;
  readonly #malformed: QueueReport['malformed'][number][] = [];
  readonly #odd = { malformed: 0, forced: 0 };
  readonly #queues = new Map(LIVE_QUEUES.map((name) => [name, { messages: 0, bytes: 0 }]));

  constructor(options: SurveyOptions) {
    const begun = Date.parse(options.archive.started) / 1000;
    this.#options = options;
    this.#base = new BaseSelection(options.archive);
    this.#started = Number.isNaN(begun) ? options.now : begun;
    const shape = { now: this.#started, reasonMaximum: 0 };
    this.#recipients = new QueueShape({ ...shape, senders: false });
    this.#senders = new QueueShape({ ...shape, senders: true });
    this.#expiry = options.lifetimes && new ExpiryCount(options.lifetimes, options.now);
  }

  add(message: MessageLine): void {
    if (message.malformed !== undefined && message.malformed.length > 0) {
      this.#addMalformed(message, message.malformed);
    }
    const totals = this.#queues.get(message.queue_name);
    if (message.state !== 'queued' || totals === undefined) {
      return;
    }
    totals.messages += 1;
    totals.bytes += message.message_size;
    this.#odd.forced += isForcedExpiry(message.mode) ? 1 : 0;
    for (const part of [this.#recipients, this.#senders, this.#arrivals, this.#reasons]) {
      part.add(message);
    }
    this.#expiry?.add(message);
    this.#sizes.add(message.message_size);
    this.#largest.add(message.message_size, () => this.#told(message));
    if (message.queue_name === 'hold') {
      this.#held.add(-message.arrival_time, () => this.#told(message));
    }
  }

  report(additions: Additions = { changes: null, restore: null }): QueueReport {
    const { archive, verified, now } = this.#options;
    const [base, started] = [this.#base, this.#started];
    const by_queue = this.#byQueue();
    const sum = (of: (group: QueueGroup) => number): number => by_queue.reduce((total, group) => total + of(group), 0);
    const messages = sum((group) => group.messages);
    const counted = { started, base, messages };
    const [oldest, newest] = [this.#arrivals.oldest(), this.#arrivals.newest()];
    return {
      kind: 'queue',
      made: new Date(now * 1000).toISOString(),
      archive: { ...archive, verified: verified === undefined ? null : isoOf(verified / 1000) },
      total: {
        messages,
        bytes: sum(({ bytes }) => bytes),
        selection: base.all(),
        oldest: oldest === undefined ? null : isoOf(oldest),
        newest: newest === undefined ? null : isoOf(newest),
      },
      by_queue,
      expiring: this.#expiry?.told(base) ?? null,
      recipients: ageTable(this.#recipients, {
        ...counted,
        rows: RECIPIENT_ROWS,
        select: (domain) => ({ recipientDomains: [domain] }),
      }),
      senders: ageTable(this.#senders, {
        ...counted,
        rows: SENDER_ROWS,
        select: (domain) => ({ senderDomains: [domain] }),
      }),
      arrivals: this.#arrivals.bins(started, base),
      sizes: this.#sizes.bins(base),
      reasons: this.#reasons.groups(base),
      largest: this.#largest.items(),
      held: this.#held.items(),
      odd: this.#oddGroups(),
      malformed: this.#malformed,
      ...additions,
    };
  }

  #byQueue(): QueueGroup[] {
    const queues = [...this.#queues].filter(([, { messages }]) => messages > 0);
    return queues.map(([queue_name, totals]) => ({
      queue_name,
      ...totals,
      selection: this.#base.within([queue_name]),
    }));
  }

  #oddGroups(): QueueReport['odd'] {
    const { by_queue, left } = this.#options.archive;
    const groups: QueueReport['odd'] = [
      { kind: 'malformed', messages: this.#odd.malformed, selection: null },
      { kind: 'corrupt', messages: by_queue.corrupt?.messages ?? 0, selection: this.#base.within(['corrupt']) },
      { kind: 'saved', messages: by_queue.saved?.messages ?? 0, selection: this.#base.within(['saved']) },
      { kind: 'forced-expiry', messages: this.#odd.forced, selection: null },
      { kind: 'left', messages: left, selection: { only: { states: ['left'] } } },
    ];
    return groups.filter(({ messages }) => messages > 0);
  }

  #addMalformed({ queue_name, queue_id, state }: MessageLine, faults: readonly string[]): void {
    this.#odd.malformed += 1;
    if (this.#malformed.length < MALFORMED_SHOWN) {
      const { only } = this.#base.one(queue_name, queue_id);
      this.#malformed.push({
        queue_name,
        queue_id,
        faults,
        selection: { only: { ...only, ...(state === 'left' ? { states: [state] } : {}) } },
      });
    }
  }

  #told({
    queue_name,
    queue_id,
    arrival_time,
    message_size,
    sender,
    recipients,
    ...more
  }: MessageLine): ReportedMessage {
    const reasons = recipients.flatMap(({ delay_reason, bounce_reason }) => delay_reason ?? bounce_reason ?? []);
    return {
      queue_name,
      queue_id,
      arrival_time: isoOf(arrival_time),
      message_size,
      sender,
      recipient: recipients[0]?.address ?? null,
      recipients: recipients.length + (more.recipients_omitted ?? 0),
      reason: reasons[0] ?? null,
      selection: this.#base.one(queue_name, queue_id),
    };
  }
}
