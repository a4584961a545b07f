/** Judges one message by its life in the log: whether all of it is over, or who of its recipients needs it no more. */

import { isOf, type LoggedMessage, NULL_SENDER, type PrintedRecipient, unquoted } from './logged-message.ts';
import type { MailLog } from './mail-log.ts';
import type { MessageLife, RecipientOutcome } from './message-life.ts';
import { countTold, Passage } from './passage.ts';

/** A notice of a notice of a notice. */
const DEPTH_MAXIMUM = 20;

/** A message of the archive, and its life since the snapshot. */
export interface Judged {
  readonly life: MessageLife;
  readonly message: LoggedMessage;
  /** What the log tells of before is in the archive. Seconds since the epoch. */
  readonly since: number;
}

/** A message, and what it went on as. */
interface Step {
  readonly life: MessageLife;
  readonly next: MessageLife;
}

/** Judges one message: whether all of it is over, or what of it. */
export class Judge {
  readonly #log: MailLog;
  readonly #own: MessageLife;
  readonly #message: LoggedMessage;
  readonly #since: number;
  /** What was found of other lives: many recipients go on as one message. */
  readonly #ends = new Map<MessageLife, boolean>();
  readonly #passages = new Map<MessageLife, Map<MessageLife, Passage>>();
  readonly #isBack = new Map<MessageLife, boolean>();
  readonly #filtered = new Map<MessageLife, readonly MessageLife[]>();
  readonly #byAddress = new Map<MessageLife, ReadonlyMap<string, readonly RecipientOutcome[]>>();

  constructor(log: MailLog, { life, message, since }: Judged) {
    this.#log = log;
    this.#own = life;
    this.#message = message;
    this.#since = since;
  }

  /** What became of recipients since the snapshot. */
  outcomes(): readonly RecipientOutcome[] {
    return this.#own.outcomes.filter(({ time }) => time >= this.#since);
  }

  /** Whether nothing of it is under way any more: it is removed, and so is all that it went on as. */
  isOver(life: MessageLife, depth: number = 0): boolean {
    if (life.removed === undefined || depth > DEPTH_MAXIMUM) {
      return false;
    }
    const ends = (next: MessageLife): boolean => this.#hasEnded(next, depth + 1);
    const isFollowed = life.outcomes.every(
      ({ isAstray, wentOnAs }) => !isAstray && (wentOnAs === undefined || ends(wentOnAs)),
    );
    if (!isFollowed || !life.notices.every(ends) || !this.#isWholeOf(life, ends)) {
      return false;
    }
    return (
      life.removed.by === 'postsuper' ||
      (this.#isReturned(life) && this.#isToldOfAll(life) && (!this.#isFiltered(life) || this.#isGivenBack(life, ends)))
    );
  }

  /** Whether one recipient needs the message no more, though others do. */
  isDone(outcome: RecipientOutcome): boolean {
    return this.#isDoneIn(this.#own, outcome, 0);
  }

  #isDoneIn(life: MessageLife, outcome: RecipientOutcome, depth: number): boolean {
    const ends = (next: MessageLife): boolean => this.#hasEnded(next, depth + 1);
    const { status, isPart, isNoticed, isAstray, wentOnAs } = outcome;
    if (isPart || isAstray || depth > DEPTH_MAXIMUM) {
      return false;
    }
    if (status === 'bounced') {
      // Until its notice has got to somebody it is to be tried once more: else nobody is told.
      return isNoticed && life.notices.every(ends);
    }
    if (wentOnAs !== undefined) {
      return ends(wentOnAs) || this.#isDoneBehind({ life, next: wentOnAs }, outcome, depth);
    }
    return (
      !this.#isFiltered(life) ||
      this.#isGivenBack(life, ends) ||
      this.#filteredOf(life).some((next) => this.#isDoneBehind({ life, next }, outcome, depth))
    );
  }

  /**
   * What a message went on as may be under way to others: this recipient has it under the very same address, and stands
   * for nobody else there.
   */
  #isDoneBehind({ life, next }: Step, { to }: RecipientOutcome, depth: number): boolean {
    return (
      this.#outcomesTo(next, to).some(
        (outcome) => outcome.origTo === undefined && this.#isDoneIn(next, outcome, depth + 1),
      ) && this.#passage({ life, next }).isUnexpanded(to)
    );
  }

  #passage({ life, next }: Step): Passage {
    const ofLife = this.#passages.get(life) ?? new Map<MessageLife, Passage>();
    const passage = ofLife.get(next) ?? new Passage(goneAs(life, next), next);
    ofLife.set(next, passage);
    this.#passages.set(life, ofLife);
    return passage;
  }

  /** A message may have many recipients. */
  #outcomesTo(life: MessageLife, to: string): readonly RecipientOutcome[] {
    const known = this.#byAddress.get(life) ?? byAddressOf(life.outcomes);
    this.#byAddress.set(life, known);
    return known.get(to) ?? [];
  }

  #hasEnded(life: MessageLife, depth: number): boolean {
    const known = this.#ends.get(life);
    if (known !== undefined) {
      return known;
    }
    // What goes round in a circle has no end.
    this.#ends.set(life, false);
    const hasEnded = this.isOver(life, depth);
    this.#ends.set(life, hasEnded);
    return hasEnded;
  }

  /** What is requeued passes through the content filter of the source once more. */
  #isFiltered(life: MessageLife): boolean {
    const { content_filter } = this.#message;
    const isNamed = life === this.#own && content_filter !== undefined;
    return isNamed || (life.isRequeued && this.#log.isFilteringRequeued);
  }

  /** Where something was returned, the sender's notice must be in the log, too. Nobody gets one of mail that has no sender. */
  #isReturned(life: MessageLife): boolean {
    const message = life === this.#own ? this.#message : undefined;
    const sender = life.active?.sender ?? message?.sender;
    const { pending = false, logs = [] } = message ?? {};
    const isOwed = pending && logs.includes('bounce') && (life.noticed ?? Number.NEGATIVE_INFINITY) < this.#since;
    return (!life.owesNotice && !isOwed) || sender === '' || sender === NULL_SENDER;
  }

  /** A recipient that no line tells of may have been passed on to where no line is found either: the log has gaps. */
  #isToldOfAll(life: MessageLife): boolean {
    if (life.isExpired) {
      return true;
    }
    if (life !== this.#own) {
      return life.active !== undefined && countTold(life.outcomes) >= life.active.nrcpt;
    }
    const { recipients, recipients_omitted = 0 } = this.#message;
    const outcomes = this.outcomes();
    // A requeue may have rewritten the addresses.
    return life.isRequeued || recipients_omitted > 0
      ? countTold(outcomes) >= recipients.length + recipients_omitted
      : areToldOf(recipients, outcomes);
  }

  /**
   * Of a recipient of local(8) nobody knows the parts: one may have been forwarded by a line that is missing. So no other
   * message may lack its beginning, and none of the same Message-ID may be under way: the log must tell that.
   */
  #isWholeOf(life: MessageLife, ends: (next: MessageLife) => boolean): boolean {
    if (!life.outcomes.some(({ isPart }) => isPart)) {
      return true;
    }
    if (this.#log.lacksLines || (life.messageId ?? '') === '') {
      return false;
    }
    const { messageId } = this.#own;
    if (life.isNotice || (messageId !== undefined && life.messageId !== messageId)) {
      return true;
    }
    const others = this.#log.othersOf(life);
    // Messages that the same one went on as would wait for each other.
    return others?.every(life === this.#own ? ends : isGone) ?? false;
  }

  /** What a filter may have given back: the same Message-ID and sender, and no second copy on its own way into the filter. */
  #filteredOf(life: MessageLife): readonly MessageLife[] {
    const known = this.#filtered.get(life) ?? this.#findFilteredOf(life);
    this.#filtered.set(life, known);
    return known;
  }

  #findFilteredOf(life: MessageLife): MessageLife[] {
    const alike = this.#log.filteredOf(life).filter(({ active }) => active?.sender === life.active?.sender);
    const copies = new Set(alike.filter((other) => this.#goesIn(other, life)));
    const sent = new Set(life.outcomes.map(({ to }) => to));
    // Nobody can tell whose copy came back to a recipient of both.
    return [...copies].some((copy) => copy.told().some(({ to }) => sent.has(to)))
      ? []
      : alike.filter((other) => !copies.has(other));
  }

  /** Whether one message is delivered to where the other one's content filter is. */
  #goesIn({ relays }: MessageLife, life: MessageLife): boolean {
    return [...relays].some((relay) => life.relays.has(relay) || isFilter(relay, this.#message.content_filter));
  }

  /** Whether each delivery to the filter has come back, and is over. */
  #isGivenBack(life: MessageLife, ends: (next: MessageLife) => boolean): boolean {
    const isBack = this.#isBack.get(life) ?? this.#isAllBack(life);
    this.#isBack.set(life, isBack);
    return isBack && (isAnswered(life) || this.#filteredOf(life).every(ends));
  }

  #isAllBack(life: MessageLife): boolean {
    // Mail of another recipient may have the same Message-ID and sender.
    const back = new Set(
      this.#filteredOf(life).flatMap(({ outcomes }) => outcomes.flatMap(({ to, origTo = to }) => [to, origTo])),
    );
    return isAnswered(life) || sentOf(life).every(({ to }) => back.has(to));
  }
}

function sentOf({ outcomes }: MessageLife): RecipientOutcome[] {
  return outcomes.filter(({ status }) => status === 'sent');
}

/** Whether the filter answered each delivery with what it gave back. */
function isAnswered({ outcomes }: MessageLife): boolean {
  return outcomes.every(({ status, wentOnAs }) => status !== 'sent' || wentOnAs !== undefined);
}

/** What a message went on as another one with: where no answer names that one, all that was sent to nobody knows where. */
function goneAs({ outcomes }: MessageLife, next: MessageLife): RecipientOutcome[] {
  const named = outcomes.filter(({ wentOnAs }) => wentOnAs === next);
  return named.length > 0
    ? named
    : outcomes.filter(({ status, wentOnAs }) => status === 'sent' && wentOnAs === undefined);
}

/** `transport:destination`: pipe(8) logs the transport, smtp(8) `host[address]:port`. */
function isFilter(relay: string, contentFilter = ''): boolean {
  const [, port] = /:(\d+)$/u.exec(contentFilter) ?? [];
  return relay === contentFilter.split(':')[0] || (port !== undefined && relay.endsWith(`]:${port}`));
}

/** Whether it is removed, and so are notices of it. */
function isGone({ removed, notices }: MessageLife): boolean {
  return removed !== undefined && notices.every((notice) => notice.removed !== undefined);
}

/** Whether each recipient has a line of its own, or parts that can be of no other. */
function areToldOf(recipients: readonly PrintedRecipient[], outcomes: readonly RecipientOutcome[]): boolean {
  const byAddress = byAddressOf(outcomes);
  const others = recipients.filter(
    (recipient) =>
      ![recipient.address, unquoted(recipient.address)].some((address) =>
        (byAddress.get(address) ?? []).some((outcome) => isOf(outcome, recipient)),
      ),
  );
  const parts = new Set(outcomes.flatMap(({ isPart, origTo }) => (isPart && origTo !== undefined ? [origTo] : [])));
  const names = others.map(originalOf);
  return new Set(names).size === names.length && names.every((name) => parts.has(name) || parts.has(unquoted(name)));
}

/** As local(8) names what it expands: by the original address, where there is one. */
function originalOf({ address, orig_address = '' }: PrintedRecipient): string {
  return orig_address === '' ? address : orig_address;
}

function byAddressOf(outcomes: readonly RecipientOutcome[]): ReadonlyMap<string, readonly RecipientOutcome[]> {
  const byAddress = new Map<string, RecipientOutcome[]>();
  for (const outcome of outcomes) {
    const same = byAddress.get(outcome.to);
    if (same === undefined) {
      byAddress.set(outcome.to, [outcome]);
    } else {
      same.push(outcome);
    }
  }
  return byAddress;
}
