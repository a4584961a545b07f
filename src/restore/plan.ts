/**
 * The plan of a restore: for each message of the archive where it goes, or why not. Pure: the archive's catalogue, the
 * target's state and the options are all that it knows.
 */

import type { MessageLine } from '../format/catalogue-line.ts';
import { isCorruptMark, isGenuineSubmission, restoredMode } from '../queue/mode.ts';
import type { Place } from '../queue/place.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import type { RestoreAction, RestoreRoute } from './options.ts';

/** The options that decide about a message. */
export interface PlanOptions {
  readonly into: RestoreRoute;
  /** The queues that were named; absent: all but those that are only restored when named. */
  readonly queues?: ReadonlySet<MessageQueueName>;
  readonly includeLeft: boolean;
  readonly releaseHeld: boolean;
  readonly again: boolean;
}

/** What is known before a restore: of the target, and of the other messages of the archive. */
export interface TargetKnowledge {
  /** Where the same message stands in the target already. */
  find(message: MessageLine): Place | undefined;
  /** Whether a journal says that the message was restored into this queue. */
  restoredBefore(message: MessageLine): boolean;
  /** Where this very run put the message, when it finished a restore that had been cut off. */
  finishedNow(fingerprint: string): Place | undefined;
  /** Whether a message that left went on under another ID, which the archive holds as well. Absent: none did. */
  wentOn?(message: MessageLine): boolean;
}

/** A message that will be restored. */
export interface PlannedMessage {
  readonly kind: 'restore';
  readonly message: MessageLine;
  readonly destination: MessageQueueName;
  /** The permission bits that make it ready. */
  readonly mode: number;
  /** Whether the archived time of last modification is kept: it is the retry schedule of a deferred message. */
  readonly keepsTime: boolean;
  /** Whether its defer, bounce and trace logs go with it. */
  readonly withLogs: boolean;
  /** A submission that Milters have not seen yet: it keeps its submitter. */
  readonly genuine: boolean;
}

/** A message for which nothing is to be done. */
export interface OmittedMessage {
  readonly kind: 'omit';
  readonly message: MessageLine;
  /** `restored`: by this run already, which finished a restore that had been cut off. */
  readonly action: RestoreAction;
  readonly reason: string;
  readonly place?: Place;
}

export type Decision = PlannedMessage | OmittedMessage;

/** Decides about one message. */
export function planMessage(message: MessageLine, options: PlanOptions, target: TargetKnowledge): Decision {
  const destination = destinationOf(message, options);
  if (destination === undefined) {
    return omit(message, 'not_selected', notSelectedReason(message.queue_name, options));
  }
  if (message.state === 'left' && !options.includeLeft) {
    return omit(message, 'left', 'left the source queue while the snapshot was taken');
  }
  const finished = target.finishedNow(message.fingerprint);
  if (finished !== undefined) {
    return { ...omit(message, 'restored', 'an interrupted restore was finished'), place: finished };
  }
  const faults = message.malformed ?? [];
  if (faults.length > 0 && isChecked(destination)) {
    return omit(message, 'failed', `Postfix would choke on its records: ${faults.join(', ')}`);
  }
  const place = target.find(message);
  if (place !== undefined) {
    return { ...omit(message, 'already_present', 'stands in the target queue already'), place };
  }
  if (target.wentOn?.(message) === true) {
    return omit(message, 'left', 'went on under another queue ID, which the archive holds as well');
  }
  if (!options.again && target.restoredBefore(message)) {
    return omit(message, 'already_restored', 'was restored into this queue before');
  }
  return planned(message, destination, options);
}

/** Whether Postfix reads what stands in this queue, so that its records must be sound. */
export function isChecked(destination: MessageQueueName): boolean {
  return destination !== 'corrupt' && destination !== 'saved';
}

function planned(message: MessageLine, destination: MessageQueueName, options: PlanOptions): PlannedMessage {
  const fromMaildrop = message.queue_name === 'maildrop';
  return {
    kind: 'restore',
    message,
    destination,
    mode: readyMode(message, destination),
    keepsTime: !(destination === 'maildrop' && options.into === 'maildrop'),
    // Out of maildrop a message gets a new ID from cleanup(8): logs under the one before would be orphans. So are those that
    // `postsuper -r` left behind at the source.
    withLogs: destination !== 'maildrop',
    genuine: fromMaildrop && isGenuineSubmission(message.mode),
  };
}

function readyMode(message: MessageLine, destination: MessageQueueName): number {
  if (destination === 'maildrop' && message.queue_name !== 'maildrop') {
    // As postsuper -r leaves it; with o+r, pickup(8) would take it for a submission of mail_owner's (MAIL_IS_REQUEUED).
    return restoredMode('maildrop', 0);
  }
  if (destination === 'corrupt' && isCorruptMark(message.mode)) {
    return 0o400;
  }
  return restoredMode(destination, message.mode);
}

function destinationOf(message: MessageLine, options: PlanOptions): MessageQueueName | undefined {
  const from = message.queue_name;
  if (!isSelected(from, options)) {
    return undefined;
  }
  if (from === 'maildrop') {
    // Not sanitised: it "must not be mixed with already sanitized mail" (postsuper.c), so it never goes elsewhere.
    return 'maildrop';
  }
  if (options.into === 'hold') {
    return 'hold';
  }
  if (options.into === 'maildrop' && !staysOffMaildrop(message, options)) {
    return 'maildrop';
  }
  // qmgr(8) moves everything in active to incoming when it starts (qmgr_move.c).
  return from === 'active' ? 'incoming' : from;
}

function isSelected(from: MessageQueueName, { queues, into }: PlanOptions): boolean {
  if (queues !== undefined) {
    return queues.has(from);
  }
  return from !== 'corrupt' && from !== 'saved' && !(from === 'maildrop' && into === 'hold');
}

/** The maildrop route releases what is held, and drops the notices that a bounce or trace log stands for. */
function staysOffMaildrop(message: MessageLine, options: PlanOptions): boolean {
  return (message.queue_name === 'hold' && !options.releaseHeld) || message.pending;
}

function notSelectedReason(from: MessageQueueName, options: PlanOptions): string {
  if (options.queues !== undefined) {
    return `its queue ${from} was not named`;
  }
  return from === 'maildrop'
    ? 'it was in maildrop, and unchecked mail must not go on hold: --queues maildrop restores it into maildrop'
    : `the ${from} queue is restored only when named: --queues ${from}`;
}

function omit(message: MessageLine, action: OmittedMessage['action'], reason: string): OmittedMessage {
  return { kind: 'omit', message, action, reason };
}
