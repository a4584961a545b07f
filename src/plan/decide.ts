/** The decision about one message, from its line of the catalogue, the options, and what is known of the target. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { Evidence } from '../mail-log/evidence.ts';
import { isOf, type LoggedRecipient } from '../mail-log/logged-message.ts';
import { isCorruptMark, isGenuineSubmission, REQUEUED_MODE, restoredMode } from '../queue/mode.ts';
import type { Place } from '../queue/place.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import type { Decision, OmittedMessage, PlannedMessage, RestoreAction } from './decision.ts';
import { destinationOf, isChecked, type RouteOptions, whyNotSelected } from './destination.ts';
import { type Unfit, unfitForMaildrop } from './maildrop-fitness.ts';
import type { Reason } from './reason.ts';
import type { Selection } from './selection.ts';

/** The options that decide about a message. */
export interface PlanOptions extends RouteOptions {
  /** Also what left the source queue while the snapshot was taken. */
  readonly includeLeft: boolean;
  /** Also what a journal says was restored before. */
  readonly again: boolean;
  /** What waits for its next try is tried at once. */
  readonly retryNow: boolean;
  /** Only these; all when absent. */
  readonly selection?: Selection;
}

/** A restore that is done. */
export interface EarlierRestore {
  /** The absolute path of its archive; `-` is standard input. */
  readonly archive: string;
  /** ISO 8601 with zone. */
  readonly started: string;
}

/** What is known of the target before a restore. */
export interface TargetKnowledge {
  /** Where the same message stands in the target already. */
  find(message: MessageLine): Place | undefined;
  /** The restore that has put the message into this queue, by a journal. */
  restoredBefore(message: MessageLine): EarlierRestore | undefined;
  /** Where this very run put the message, when it finished a restore that had been cut off. */
  finishedNow(fingerprint: string): Place | undefined;
  /** Why it could not be finished. */
  notFinished?(fingerprint: string): Reason | undefined;
  /** What became of it since the snapshot, by the mail log. */
  evidence?(message: MessageLine): Evidence;
  /** Where it stands under the ID that it went on under, by the mail log. */
  findRequeued?(message: MessageLine, queueId: string): Place | undefined;
}

/** What is known besides of the other messages of the archive. */
export interface Knowledge extends TargetKnowledge {
  /** Whether a message that left went on under another ID, which the archive holds as well. */
  wentOn(message: MessageLine): boolean;
}

/** Decides about one message. */
export function decideOne(message: MessageLine, options: PlanOptions, known: Knowledge): Decision {
  const unselected = whyNotSelected(message.queue_name, options) ?? whyNotChosen(message, options);
  if (unselected !== undefined) {
    return omit(message, 'not_selected', unselected);
  }
  if (message.state === 'left' && !options.includeLeft) {
    return omit(message, 'left', { code: 'left-source' });
  }
  const finished = known.finishedNow(message.fingerprint);
  if (finished !== undefined) {
    return { ...omit(message, 'restored', { code: 'interrupted-restore-finished' }), place: finished };
  }
  const obstacle = known.notFinished?.(message.fingerprint);
  // What nobody can tell is named again and again, until it is asked for by the option.
  if (obstacle !== undefined && !(options.again && obstacle.code === 'vanished-perhaps-delivered')) {
    return omit(message, 'failed', obstacle);
  }
  const since = sinceSnapshot(message, known);
  if (since.kind === 'omit') {
    return since.decision;
  }
  const destination = destinationOf(message, options);
  const faults = message.malformed ?? [];
  if (faults.length > 0 && isChecked(destination)) {
    return omit(message, 'failed', { code: 'malformed-records', faults });
  }
  const place = known.find(message);
  if (place !== undefined) {
    return { ...omit(message, 'already_present', { code: 'in-target' }), place };
  }
  const unfit = unfitSubmission(message, destination, options);
  if (unfit !== undefined) {
    return omit(message, 'failed', { code: 'unfit-for-maildrop', ...unfit });
  }
  if (known.wentOn(message)) {
    return omit(message, 'left', { code: 'successor-in-archive' });
  }
  const earlier = options.again ? undefined : known.restoredBefore(message);
  if (earlier !== undefined) {
    const { archive, started } = earlier;
    return omit(message, 'already_restored', { code: 'restored-before', archive, started });
  }
  return planned(message, destination, { options, facts: since.facts });
}

/** What is not sanitised can go nowhere but into maildrop. */
function unfitSubmission(
  message: MessageLine,
  destination: MessageQueueName,
  { limits }: PlanOptions,
): Unfit | undefined {
  return destination === 'maildrop' && limits !== undefined ? unfitForMaildrop(message, limits) : undefined;
}

function whyNotChosen(message: MessageLine, { selection }: PlanOptions): Reason | undefined {
  const unmatched = selection?.whyNot(message);
  return unmatched === undefined
    ? undefined
    : { code: unmatched.excluded ? 'excluded' : 'criterion-not-met', criterion: unmatched.criterion };
}

/** The decision to leave a message out. */
export function omit(message: MessageLine, action: RestoreAction, reason: Reason): OmittedMessage {
  return { kind: 'omit', message, action, reason };
}

type SinceFacts = Pick<PlannedMessage, 'done' | 'recipientsDone' | 'isInDoubt'>;

type Since =
  | { readonly kind: 'omit'; readonly decision: OmittedMessage }
  | { readonly kind: 'keep'; readonly facts: SinceFacts };

const NOTHING: Extract<Since, { readonly kind: 'keep' }> = {
  kind: 'keep',
  facts: { done: [], recipientsDone: 0, isInDoubt: false },
};

/** What the mail log has on a message that the target has not. */
function sinceSnapshot(message: MessageLine, known: Knowledge): Since {
  const evidence = known.evidence?.(message) ?? { kind: 'none' };
  if (evidence.kind === 'none' || known.find(message) !== undefined) {
    return NOTHING;
  }
  if (evidence.kind === 'doubt') {
    return { kind: 'keep', facts: { ...NOTHING.facts, isInDoubt: true } };
  }
  const over: Since = { kind: 'omit', decision: omit(message, 'delivered_since', { code: 'over-since' }) };
  if (evidence.kind === 'over') {
    return over;
  }
  const place = known.findRequeued?.(message, evidence.queueId);
  if (place !== undefined) {
    return { kind: 'omit', decision: { ...omit(message, 'already_present', { code: 'requeued-in-target' }), place } };
  }
  return isDoneForAll(message, evidence.done) ? over : { kind: 'keep', facts: partOf(message, evidence.done) };
}

/** Whose bounce log holds something still owes a notice, though nobody is to get the message any more. */
function isDoneForAll(message: MessageLine, done: readonly LoggedRecipient[]): boolean {
  const { recipients, recipients_omitted, pending } = message;
  return (
    !pending &&
    recipients_omitted === undefined &&
    recipients.length > 0 &&
    recipients.every((recipient) => done.some((one) => isOf(one, recipient)))
  );
}

function partOf({ recipients, queue_name, mode }: MessageLine, told: readonly LoggedRecipient[]): SinceFacts {
  // What cleanup(8) has not seen has no recipients as the log names them.
  const done = queue_name === 'maildrop' && isGenuineSubmission(mode) ? [] : told;
  const recipientsDone = recipients.filter((recipient) => done.some((one) => isOf(one, recipient))).length;
  return { done, recipientsDone, isInDoubt: false };
}

function planned(
  message: MessageLine,
  destination: MessageQueueName,
  { options, facts }: { readonly options: PlanOptions; readonly facts: SinceFacts },
): PlannedMessage {
  const { done, recipientsDone, isInDoubt } = facts;
  return {
    kind: 'restore',
    message,
    destination,
    mode: readyMode(message, destination),
    keepsTime: keepsTime(destination, options),
    // Out of maildrop a message gets a new ID from cleanup(8): logs under the one before would be orphans. So are those that
    // `postsuper -r` left behind at the source.
    withLogs: destination !== 'maildrop',
    genuine: message.queue_name === 'maildrop' && isGenuineSubmission(message.mode),
    done,
    recipientsDone,
    isInDoubt,
  };
}

/** qmgr(8) tries what waits in these queues not before its time of last modification. */
function keepsTime(destination: MessageQueueName, { into, retryNow }: PlanOptions): boolean {
  if (destination === 'maildrop') {
    return into !== 'maildrop';
  }
  return !(retryNow && isChecked(destination));
}

function readyMode(message: MessageLine, destination: MessageQueueName): number {
  if (destination === 'maildrop' && message.queue_name !== 'maildrop') {
    // As postsuper -r leaves it; with o+r, pickup(8) would take it for a submission of mail_owner's (MAIL_IS_REQUEUED).
    return REQUEUED_MODE;
  }
  if (destination === 'corrupt' && isCorruptMark(message.mode)) {
    return 0o400;
  }
  return restoredMode(destination, message.mode);
}
