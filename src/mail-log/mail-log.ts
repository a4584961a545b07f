/**
 * What a mail log tells of the messages of an archive. It takes the lines in the order of time, and keeps the lives of
 * messages of the archive, and of what they went on as: requeued, forwarded, given back by a content filter, returned.
 */

import { type DeliveryEvent, eventOf, type LogEvent } from './log-event.ts';
import type { LogLine } from './log-line.ts';
import { MessageLife } from './message-life.ts';

export interface MailLogOptions {
  /** syslog_name of the instance: lines of others tell of other queues. */
  readonly syslogName: string;
  /** Whether the archive holds a message of this ID. */
  readonly isSought: (queueId: string) => boolean;
  /** Lives of other messages that are kept at most, the latest. */
  readonly recentMaximum?: number;
  /** content_filter of the source: what is requeued passes through it once more. */
  readonly contentFilter?: string;
  /** Seconds since the epoch: what comes up behind it for the first time has begun behind it, or is of the archive. */
  readonly complete: number;
}

/** What a message went on as is told within seconds of its birth. */
const RECENT_MAXIMUM = 50_000;

/** What local(8) forwards (forward.c); what smtpd(8) answers, on the far side of a content filter too (smtpd.c). */
const FORWARDED = /^forwarded as ([0-9A-Za-z]{6,255})$/u;
const QUEUED_AS = /queued as ([0-9A-Za-z]{6,255})\)*$/u;

export class MailLog {
  readonly #options: MailLogOptions;
  /** The life that goes on under an ID. */
  readonly #current = new Map<string, MessageLife>();
  /** IDs of lives that are not kept, the oldest first. */
  readonly #recent = new Set<string>();
  /** All lives that an ID of the archive had, in their order. */
  readonly #lives = new Map<string, MessageLife[]>();
  /** Lives of the archive by their Message-ID. */
  readonly #byMessageId = new Map<string, MessageLife>();
  /** What has come in with the Message-ID of one of the archive, after it. */
  readonly #filtered = new Map<MessageLife, MessageLife[]>();

  #lacksLines = false;
  #second = Number.NaN;
  readonly #ofSecond = new Set<string>();

  constructor(options: MailLogOptions) {
    this.#options = options;
  }

  /** Takes the next line. */
  add({ time, host, syslogName, program, text }: LogLine): void {
    const { syslogName: own } = this.#options;
    if (syslogName !== own && !syslogName.startsWith(`${own}/`)) {
      return;
    }
    const told = eventOf(program, text);
    if (told !== undefined && !this.#isSeen(`${host} ${program} ${text}`, time)) {
      this.#take(told.queueId, told.event, time);
      this.#current.get(told.queueId)?.hosts.add(host);
    }
  }

  /** Logs may overlap: a line that stood in this very second already is the same line. */
  #isSeen(line: string, time: number): boolean {
    if (time !== this.#second) {
      this.#second = time;
      this.#ofSecond.clear();
    }
    const isSeen = this.#ofSecond.has(line);
    this.#ofSecond.add(line);
    return isSeen;
  }

  /** The lives of messages of this ID, in their order. */
  livesOf(queueId: string): readonly MessageLife[] {
    return this.#lives.get(queueId) ?? [];
  }

  /** Whether a content filter of the source sees what is requeued. */
  get isFilteringRequeued(): boolean {
    return (this.#options.contentFilter ?? '') !== '';
  }

  /** Whether there is a message that the log tells of, but not of its beginning. */
  get lacksLines(): boolean {
    return this.#lacksLines;
  }

  /** What has come in with the Message-ID of this one after it: a content filter gives mail back so. */
  filteredOf(life: MessageLife): readonly MessageLife[] {
    return this.#filtered.get(life) ?? [];
  }

  /** What else has come in with this one's Message-ID; undefined where the log tells of no message of the archive with it. */
  othersOf(life: MessageLife): readonly MessageLife[] | undefined {
    const first = life.messageId === undefined ? undefined : this.#byMessageId.get(life.messageId);
    return first === undefined ? undefined : this.filteredOf(first).filter((other) => other !== life);
  }

  #take(queueId: string, event: LogEvent, time: number): void {
    if (event.kind === 'taken-in') {
      this.#takeIn(queueId, event, time);
      return;
    }
    const life = event.kind === 'message-id' ? this.#beginOrGoOn(queueId, time) : this.#goOn(queueId, event, time);
    life.last = time;
    this.#note(life, event, time);
  }

  #note(life: MessageLife, event: LogEvent, time: number): void {
    switch (event.kind) {
      case 'message-id':
        this.#noteMessageId(life, event.messageId);
        return;
      case 'active':
        life.noteActive(event);
        return;
      case 'delivery':
        life.noteDelivery(event, time);
        this.#noteOutcome(life, event, time);
        return;
      case 'notice':
        this.#noteNotice(life, event.queueId, time);
        if (event.isToSender) {
          life.owesNotice = false;
          life.noticed = time;
          for (const outcome of life.outcomes) {
            outcome.isNoticed = true;
          }
        }
        return;
      case 'removed':
      case 'deleted':
        life.removed = { time, by: event.kind === 'removed' ? 'qmgr' : 'postsuper' };
        return;
      case 'expired':
        life.isExpired = true;
        life.owesNotice = true;
        return;
      case 'requeued':
      case 'taken-in':
        return;
    }
  }

  #noteNotice(life: MessageLife, queueId: string, time: number): void {
    const notice = this.#descendant(queueId, time);
    notice.isNotice = true;
    life.notices.push(notice);
  }

  #takeIn(queueId: string, event: Extract<LogEvent, { kind: 'taken-in' }>, time: number): void {
    const before = event.origId === undefined ? undefined : this.#requeuedFrom(event.origId, time);
    if (before === undefined || event.origId === undefined) {
      this.#begin(queueId, time, true);
      return;
    }
    this.#current.delete(event.origId);
    this.#recent.delete(event.origId);
    before.queueIds.push(queueId);
    before.last = time;
    this.#setCurrent(queueId, before);
  }

  /** The life that went on by a requeue. */
  #requeuedFrom(origId: string, time: number): MessageLife | undefined {
    const life = this.#current.get(origId);
    if (life !== undefined && life.removed === undefined) {
      return life;
    }
    return this.#options.isSought(origId) ? this.#begin(origId, time, false) : undefined;
  }

  /** cleanup(8) tells the Message-ID behind what took the message in, and for itself where nobody else did. */
  #beginOrGoOn(queueId: string, time: number): MessageLife {
    const life = this.#current.get(queueId);
    const isNew = life !== undefined && life.removed === undefined && isBeingTakenIn(life, queueId);
    return isNew ? life : this.#begin(queueId, time, true);
  }

  #goOn(queueId: string, event: LogEvent, time: number): MessageLife {
    const life = this.#current.get(queueId);
    // A second file of the ID begins where the first is removed, or where its lines can't be of the first.
    if (life !== undefined && life.removed === undefined && life.canBeOf(event, time)) {
      return life;
    }
    const isOfArchive = this.#options.isSought(queueId) && !this.#lives.has(queueId);
    this.#lacksLines ||= !isOfArchive && time > this.#options.complete;
    return this.#begin(queueId, time, false);
  }

  #begin(queueId: string, time: number, isBirth: boolean): MessageLife {
    const life = new MessageLife(queueId, time, isBirth);
    if (this.#options.isSought(queueId)) {
      life.isKept = true;
      this.#lives.set(queueId, [...(this.#lives.get(queueId) ?? []), life]);
    }
    this.#setCurrent(queueId, life);
    return life;
  }

  #setCurrent(queueId: string, life: MessageLife): void {
    this.#current.set(queueId, life);
    this.#recent.delete(queueId);
    if (!life.isKept) {
      this.#recent.add(queueId);
    }
    for (const oldest of this.#recent) {
      if (this.#recent.size <= (this.#options.recentMaximum ?? RECENT_MAXIMUM)) {
        break;
      }
      this.#recent.delete(oldest);
      if (this.#current.get(oldest)?.isKept !== true) {
        this.#current.delete(oldest);
      }
    }
  }

  #noteOutcome(life: MessageLife, event: DeliveryEvent, time: number): void {
    const status = FINAL[event.status];
    if (status === undefined) {
      return;
    }
    const [, forwarded] = FORWARDED.exec(event.text) ?? [];
    const [, queued] = QUEUED_AS.exec(event.text) ?? [];
    const next = forwarded ?? queued;
    const wentOnAs = next === undefined || status !== 'sent' ? undefined : this.#seen(next, time);
    const { to, origTo, isPart } = event;
    life.owesNotice ||= status === 'bounced';
    const isAstray = forwarded !== undefined && wentOnAs === undefined;
    life.outcomes.push({ to, origTo, status, time, wentOnAs, isAstray, isPart, isNoticed: false });
  }

  /** The life under an ID that another line names; undefined where it is another mail system's. */
  #seen(queueId: string, time: number): MessageLife | undefined {
    const life = this.#current.get(queueId);
    return life === undefined || !isBornLately(life, time) ? undefined : keep(life);
  }

  /** A message that Postfix itself made: its first lines may stand before or behind those that name it. */
  #descendant(queueId: string, time: number): MessageLife {
    const life = this.#current.get(queueId);
    // An older life of the ID is another message: the lines of this one's beginning are missing.
    return keep(life !== undefined && isBornLately(life, time) ? life : this.#begin(queueId, time, true));
  }

  #noteMessageId(life: MessageLife, messageId: string): void {
    life.messageId ??= messageId;
    if (messageId === '') {
      return;
    }
    const former = this.#byMessageId.get(messageId);
    const isOfArchive = life.queueIds.some((queueId) => this.#options.isSought(queueId));
    if (former === undefined && isOfArchive) {
      this.#byMessageId.set(messageId, life);
    }
    // Another one of the archive is no proof of this one: it is on its own way through the filter.
    if (former !== undefined && former !== life && !isOfArchive) {
      this.#filtered.set(former, [...(this.#filtered.get(former) ?? []), keep(life)]);
    }
  }
}

/** Only what is final: `deferred` and `SOFTBOUNCE` are not. Those of address probes end a recipient, too. */
const FINAL: Readonly<Record<string, 'sent' | 'bounced' | undefined>> = {
  sent: 'sent',
  deliverable: 'sent',
  bounced: 'bounced',
  expired: 'bounced',
  undeliverable: 'bounced',
};

/** How long before the line that names it a message was taken in, at most: a content filter may take its time. */
const BORN_WITHIN = 3600;

function isBornLately({ born }: MessageLife, time: number): boolean {
  return born !== undefined && time - born <= BORN_WITHIN;
}

function keep(life: MessageLife): MessageLife {
  life.isKept = true;
  return life;
}

/** Nothing but its birth, under this very ID, is known of it. */
function isBeingTakenIn(life: MessageLife, queueId: string): boolean {
  return life.queueIds.at(-1) === queueId && (life.queueIds.length > 1 || life.born !== undefined) && isUntold(life);
}

function isUntold({ active, arrival, messageId, queueIds }: MessageLife): boolean {
  return queueIds.length > 1 || (active === undefined && arrival === undefined && messageId === undefined);
}
