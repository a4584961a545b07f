/**
 * What the log proves of a message of the archive. Whatever is in doubt proves nothing: then the message is restored, and
 * somebody may get it twice, rather than not at all.
 */

import { parseQueueId } from '../queue/queue-id.ts';
import type { MailLog } from './mail-log.ts';
import { type MessageLife, type RecipientOutcome, TIME_TOLERANCE } from './message-life.ts';

/** What is known of the message by its archive. */
export interface LoggedMessage {
  readonly queue_id: string;
  /** Seconds since the epoch. */
  readonly arrival_time: number;
  readonly arrival_microseconds?: number | undefined;
  /** As postqueue(1) prints it. */
  readonly sender: string;
  readonly message_size: number;
  /** Recipients that are still to do, at least. */
  readonly recipients: readonly PrintedRecipient[];
  readonly recipients_omitted?: number | undefined;
  /** `transport:destination`, where the message goes through a content filter. */
  readonly content_filter?: string | undefined;
  /** Postfix owed a notice when the snapshot was taken, of what these logs tell. */
  readonly pending?: boolean;
  readonly logs?: readonly string[];
}

/** A recipient as postqueue(1) prints it. */
export interface PrintedRecipient {
  readonly address: string;
  readonly orig_address?: string | undefined;
}

/** When the snapshot was taken: seconds since the epoch. */
export interface SnapshotTime {
  readonly started: number;
  readonly finished: number;
}

/** A recipient as the log names it. */
export interface LoggedRecipient {
  readonly to: string;
  /** Absent where it is `to`. */
  readonly origTo?: string | undefined;
}

export type Evidence =
  /** Nothing that matters is told of it. */
  | { readonly kind: 'none' }
  /** Lines of its ID do not fit it, or fit two messages. */
  | { readonly kind: 'doubt' }
  /** Everybody has it, or a notice of it; or it was deleted by hand. */
  | { readonly kind: 'over' }
  /** It goes on, under the last of these IDs; these recipients have it. */
  | { readonly kind: 'going-on'; readonly done: readonly LoggedRecipient[]; readonly queueId: string };

/** As postqueue(1) prints the null sender. */
const NULL_SENDER = 'MAILER-DAEMON';
/** Rounding of times in whole seconds. */
const SECOND = 1;
const MICROSECONDS = 1_000_000;
/** A notice of a notice of a notice. */
const DEPTH_MAXIMUM = 20;

/** What the log proves of one message. */
export function evidenceOf(log: MailLog, message: LoggedMessage, snapshot: SnapshotTime): Evidence {
  const lives = log.livesOf(message.queue_id).filter((life) => isOfTime(life, snapshot));
  const fitting = lives.filter((life) => fits(life, message));
  const [life] = fitting;
  if (life === undefined || fitting.length > 1) {
    return { kind: lives.some(({ last }) => last >= snapshot.started) ? 'doubt' : 'none' };
  }
  if (life.last < snapshot.started - SECOND) {
    return { kind: 'none' };
  }
  const judge = new Judge(log, { life, message, since: snapshot.started - SECOND });
  if (judge.isOver(life)) {
    return { kind: 'over' };
  }
  const done = judge.outcomes().filter((outcome) => judge.isDone(outcome));
  return {
    kind: 'going-on',
    done: done.map(({ to, origTo }) => ({ to, ...(origTo === undefined ? {} : { origTo }) })),
    queueId: life.queueIds.at(-1) ?? message.queue_id,
  };
}

/** Not over before the snapshot, and not begun after it. */
function isOfTime({ born, removed }: MessageLife, { started, finished }: SnapshotTime): boolean {
  return (
    (born === undefined || born <= finished + SECOND) && (removed === undefined || removed.time >= started - SECOND)
  );
}

/** A long ID is used once; of a short one the log must tell what is true of this message, and nothing else. */
function fits(life: MessageLife, message: LoggedMessage): boolean {
  const { active, arrival, born, hosts } = life;
  const isOther =
    active !== undefined &&
    (active.size !== message.message_size ||
      !isSender(active.sender, message.sender) ||
      active.nrcpt < message.recipients.length);
  if (isOther || hosts.size > 1) {
    return false;
  }
  if (parseQueueId(message.queue_id)?.form === 'long') {
    return true;
  }
  const arrived = message.arrival_time + (message.arrival_microseconds ?? 0) / MICROSECONDS;
  const isNear = (time: number | undefined): boolean =>
    time !== undefined && Math.abs(time - arrived) <= TIME_TOLERANCE;
  return arrival === undefined ? isNear(born) && active !== undefined : isNear(arrival);
}

function isSender(logged: string, printed: string): boolean {
  return (logged === '' && printed === NULL_SENDER) || isAddress(logged, printed);
}

/** Before Postfix 3.5 the log has addresses as they stand in the queue file (info_log_addr_form). */
function unquoted(address: string): string {
  const [, local, domain] = /^"(.*)"(@[^"]*)?$/su.exec(address) ?? [];
  return local === undefined ? address : `${local.replaceAll(/\\(.)/gsu, '$1')}${domain ?? ''}`;
}

/** A message of the archive, and its life since the snapshot. */
interface Judged {
  readonly life: MessageLife;
  readonly message: LoggedMessage;
  /** What the log tells of before is in the archive. Seconds since the epoch. */
  readonly since: number;
}

/** Judges one message: whether all of it is over, or what of it. */
class Judge {
  readonly #log: MailLog;
  readonly #own: MessageLife;
  readonly #message: LoggedMessage;
  readonly #since: number;
  /** What was found of other lives: many recipients go on as one message. */
  readonly #ends = new Map<MessageLife, boolean>();

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
    if (!isFollowed || !life.notices.every(ends)) {
      return false;
    }
    return (
      life.removed.by === 'postsuper' ||
      (this.#isReturned(life) && this.#isToldOfAll(life) && (!this.#isFiltered(life) || this.#isGivenBack(life, ends)))
    );
  }

  /** Whether one recipient needs the message no more, though others do. */
  isDone(outcome: RecipientOutcome): boolean {
    const ends = (next: MessageLife): boolean => this.#hasEnded(next, 1);
    const { status, isPart, isNoticed, isAstray, wentOnAs } = outcome;
    if (isPart || isAstray) {
      return false;
    }
    if (status === 'bounced') {
      // Until its notice has got to somebody it is to be tried once more: else nobody is told.
      return isNoticed && this.#own.notices.every(ends);
    }
    if (wentOnAs !== undefined) {
      return ends(wentOnAs);
    }
    return !this.#isFiltered(this.#own) || this.#isGivenBack(this.#own, ends);
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

  /** Whether each delivery to the filter has come back, and is over. */
  #isGivenBack(life: MessageLife, ends: (next: MessageLife) => boolean): boolean {
    const sent = life.outcomes.filter(({ status }) => status === 'sent');
    const filtered = this.#log.filteredOf(life).filter(({ active }) => active?.sender === life.active?.sender);
    // Mail of another recipient may have the same Message-ID and sender.
    const back = new Set(filtered.flatMap(({ outcomes }) => outcomes.flatMap(({ to, origTo = to }) => [to, origTo])));
    return (
      sent.every(({ wentOnAs }) => wentOnAs !== undefined) ||
      (sent.every(({ to }) => back.has(to)) && filtered.every(ends))
    );
  }
}

/** local(8) tells of each thing that a recipient expands to: of one that has several lines, one counts. */
function countTold(outcomes: readonly RecipientOutcome[]): number {
  return new Set(outcomes.map(({ to, origTo = to, isPart }) => (isPart ? origTo : `${to}\0${origTo}`))).size;
}

function areToldOf(recipients: readonly PrintedRecipient[], outcomes: readonly RecipientOutcome[]): boolean {
  const byAddress = new Map<string, RecipientOutcome[]>();
  for (const outcome of outcomes) {
    byAddress.set(outcome.to, [...(byAddress.get(outcome.to) ?? []), outcome]);
  }
  return recipients.every((recipient) =>
    [recipient.address, unquoted(recipient.address)].some((address) =>
      (byAddress.get(address) ?? []).some((outcome) => isOf(outcome, recipient)),
    ),
  );
}

/** Whether a line of the log is about a recipient of the archive. */
export function isOf({ to, origTo }: LoggedRecipient, recipient: PrintedRecipient): boolean {
  return (
    // `?` stands for any byte that is not printable.
    !to.includes('?') &&
    isAddress(to, recipient.address) &&
    (origTo === undefined ? isPlain(recipient) : isAddress(origTo, recipient.orig_address ?? recipient.address))
  );
}

/** The log tells no original address that is the address, letters' case aside (log_adhoc.c), or that is missing. */
function isPlain({ address, orig_address = '' }: PrintedRecipient): boolean {
  return orig_address === '' || orig_address.toLowerCase() === address.toLowerCase();
}

function isAddress(logged: string, printed: string): boolean {
  return logged === printed || logged === unquoted(printed);
}
