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
  if (isOver(log, life, { message, depth: 0 })) {
    return { kind: 'over' };
  }
  const done = life.outcomes.filter(
    (outcome) => outcome.time >= snapshot.started - SECOND && isDone(log, { life, outcome, message }),
  );
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
  const { active, arrival, born } = life;
  const isOther =
    active !== undefined &&
    (active.size !== message.message_size ||
      !isSender(active.sender, message.sender) ||
      active.nrcpt < message.recipients.length);
  if (isOther) {
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

/** What is known of a life besides what the log tells of it. */
interface Origin {
  /** The message of the archive; absent for what one went on as. */
  readonly message?: LoggedMessage;
  readonly depth: number;
}

/** Whether nothing of it is under way any more: it is removed, and so is all that it went on as. */
function isOver(log: MailLog, life: MessageLife, { message, depth }: Origin): boolean {
  if (life.removed === undefined || depth > DEPTH_MAXIMUM) {
    return false;
  }
  const ends = (next: MessageLife): boolean => isOver(log, next, { depth: depth + 1 });
  const isFollowed = life.outcomes.every(
    ({ isAstray, wentOnAs }) => !isAstray && (wentOnAs === undefined || ends(wentOnAs)),
  );
  if (!isFollowed || !life.notices.every(ends)) {
    return false;
  }
  const isFiltered = message?.content_filter !== undefined;
  return (
    life.removed.by === 'postsuper' ||
    (isReturned(life, message) && isToldOfAll(life, message) && (!isFiltered || isGivenBack(log, life, ends)))
  );
}

/** Where something was returned, the notice must be in the log, too. Nobody gets one of mail that has no sender. */
function isReturned(life: MessageLife, message: LoggedMessage | undefined): boolean {
  const isReturning = life.isExpired || life.outcomes.some(({ status }) => status === 'bounced');
  const sender = life.active?.sender ?? message?.sender;
  return !isReturning || life.notices.length > 0 || sender === '' || sender === NULL_SENDER;
}

/** A recipient that no line tells of may have been passed on to where no line is found either: the log has gaps. */
function isToldOfAll(life: MessageLife, message: LoggedMessage | undefined): boolean {
  if (life.isExpired) {
    return true;
  }
  const told = new Set(life.outcomes.map(({ to, origTo }) => `${to}\0${origTo ?? ''}`));
  if (message === undefined) {
    return life.active !== undefined && told.size >= life.active.nrcpt;
  }
  const { recipients, recipients_omitted = 0 } = message;
  // A requeue may have rewritten the addresses.
  return life.isRequeued || recipients_omitted > 0
    ? told.size >= recipients.length + recipients_omitted
    : recipients.every((recipient) => life.outcomes.some((outcome) => isOf(outcome, recipient)));
}

/** Whether a line of the log is about a recipient of the archive. */
export function isOf({ to, origTo }: LoggedRecipient, recipient: PrintedRecipient): boolean {
  return (
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

/** Whether each delivery to the filter has come back, and is over. */
function isGivenBack(log: MailLog, life: MessageLife, ends: (next: MessageLife) => boolean): boolean {
  const sent = life.outcomes.filter(({ status }) => status === 'sent');
  const filtered = log.filteredOf(life).filter(({ active }) => active?.sender === life.active?.sender);
  return sent.every(({ wentOnAs }) => wentOnAs !== undefined) || (filtered.length > 0 && filtered.every(ends));
}

/** Whether one recipient needs the message no more, though others do. */
function isDone(
  log: MailLog,
  {
    life,
    outcome,
    message,
  }: { readonly life: MessageLife; readonly outcome: RecipientOutcome; readonly message: LoggedMessage },
): boolean {
  const ends = (next: MessageLife): boolean => isOver(log, next, { depth: 1 });
  if (outcome.status === 'bounced') {
    // Until its notice has got to somebody it is to be tried once more: else nobody is told.
    return life.notices.length > 0 && life.notices.every(ends);
  }
  if (outcome.isAstray || (outcome.wentOnAs !== undefined && !ends(outcome.wentOnAs))) {
    return false;
  }
  return message.content_filter === undefined || outcome.wentOnAs !== undefined || isGivenBack(log, life, ends);
}
