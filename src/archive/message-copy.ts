/**
 * A message with its logs as an archive takes it, with the lines of the catalogue: what `postqueue -j` would tell of the
 * message, and what a restore plans with.
 */

import {
  type CatalogueRecipient,
  fitRecipients,
  type LogDraft,
  MEMBER_BOUNDS,
  type MessageDraft,
} from '../format/catalogue-line.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import { type LogEntry, type LogSummary, readLog } from '../log/log-entry.ts';
import { isForcedExpiry } from '../queue/mode.ts';
import type { QueueId } from '../queue/queue-id.ts';
import type { LogQueueName, MessageQueueName } from '../queue/queue-name.ts';
import { type Envelope, RECIPIENTS_MAXIMUM } from '../record/envelope.ts';
import type { QueueFileExamination } from '../record/examine.ts';
import type { Lineage } from '../record/lineage.ts';
import { printable, printableAddress, printableOriginal } from '../record/printable-address.ts';
import { describeFault } from '../record/record-fault.ts';
import { Fitting } from './fitting.ts';
import type { FileWithContent } from './frame-packer.ts';

/** A log of the message, read. */
export interface LogCopy {
  readonly queueName: LogQueueName;
  /** How many hash directories were above the file. */
  readonly depth: number;
  readonly metadata: FileMetadata;
  readonly content: Uint8Array;
}

/** A log that is too big to be held. */
export interface BigLogCopy extends Omit<LogCopy, 'content'> {
  /** The same at each reading. */
  readonly content: Iterable<Uint8Array>;
  readonly summary: LogSummary;
}

/** A message, read. */
export interface MessageCopy {
  readonly examination: QueueFileExamination;
  readonly fingerprint: string;
  /** Undefined where its arrival is not told to the microsecond. */
  readonly lineage: Lineage | undefined;
  readonly queueName: MessageQueueName;
  readonly id: QueueId;
  /** How many hash directories were above the file. */
  readonly depth: number;
  readonly metadata: FileMetadata;
  readonly content: Uint8Array | Iterable<Uint8Array>;
  readonly logs: readonly (LogCopy | BigLogCopy)[];
}

const NANOSECONDS = 1_000_000_000n;

/** The files of a message, its logs behind it, for a packer. */
export function filesOf(copy: MessageCopy): FileWithContent[] {
  const { queueName, id, depth, metadata, content, logs } = copy;
  const message = {
    name: { kind: 'file', queueName, id, depth },
    metadata,
    draft: messageDraft(copy),
    content,
  } as const;
  return [message, ...logs.map((log) => logFile(log, id))];
}

function logFile(log: LogCopy | BigLogCopy, id: QueueId): FileWithContent {
  const { queueName, depth, metadata, content } = log;
  return { name: { kind: 'file', queueName, id, depth }, metadata, draft: logDraft(log, id.text), content };
}

function messageDraft(copy: MessageCopy): MessageDraft {
  const { examination, logs, metadata } = copy;
  const { envelope, faults } = examination;
  const fit = new Fitting();
  const arrivalSeconds = envelope.arrival?.seconds ?? Number(metadata.mtimeNs / NANOSECONDS);
  const draft: MessageDraft = {
    kind: 'message',
    queue_name: copy.queueName,
    queue_id: copy.id.text,
    ...fileDraft(metadata),
    fingerprint: copy.fingerprint,
    ...lineageDraft(copy.lineage),
    arrival_time: fit.number('arrival_time', arrivalSeconds, -MEMBER_BOUNDS.arrival_time),
    ...fit.microseconds(envelope.arrival?.microseconds),
    ...createTimeOf(envelope, fit),
    message_size: fit.number('message_size', envelope.messageSize, 0),
    ...sendOptionsOf(envelope),
    ...measuresOf(examination),
    forced_expire: isForcedExpiry(metadata.mode),
    ...contentFilterOf(envelope, fit),
    sender: fit.sender(printableAddress(envelope.sender ?? new Uint8Array(0))),
    ...recipientsOf(envelope, logs, fit),
    ...(faults.length === 0 ? {} : { malformed: faults.map((fault) => fit.fault(describeFault(fault))) }),
    logs: logs.map((log) => log.queueName),
    pending: logs.some((log) => log.queueName !== 'defer' && log.metadata.size > 0),
  };
  const { shortened } = fit;
  return fitRecipients(shortened.length === 0 ? draft : { ...draft, shortened });
}

/** Whether a line does not say all that its message says. */
export function isShortened({ draft }: FileWithContent): boolean {
  return draft.kind === 'message' && (draft.shortened !== undefined || draft.recipients_omitted !== undefined);
}

/** Where its time in the queue counts from, if not from its arrival: cleanup(8) sets it anew when mail is requeued. */
function createTimeOf({ arrival, createSeconds }: Envelope, fit: Fitting): Pick<MessageDraft, 'create_time'> {
  return createSeconds === undefined || createSeconds === arrival?.seconds
    ? {}
    : { create_time: fit.number('create_time', createSeconds, -MEMBER_BOUNDS.create_time) };
}

function lineageDraft(lineage: Lineage | undefined): Pick<MessageDraft, 'submission' | 'origin'> {
  if (lineage === undefined) {
    return {};
  }
  const { submission, origin } = lineage;
  return origin === submission ? { submission } : { submission, origin };
}

/** SOPT_FLAG_ALL (sendopts.h): qmgr(8) looks at no other bits. */
const KNOWN_SEND_OPTIONS = 0x3f;

function sendOptionsOf({ size }: Envelope): Pick<MessageDraft, 'send_options'> {
  const known = (size?.sendOptions ?? 0) & KNOWN_SEND_OPTIONS;
  return known === 0 ? {} : { send_options: known };
}

/** No line_length_limit is less (mail_params.c). */
const LEAST_LINE_LENGTH_LIMIT = 512;
/** More than Postfix itself writes. */
const FEW_ATTRIBUTES = 32;

/** What limits of a target may be about. */
function measuresOf({
  envelope,
  text,
  longestRecord,
}: MessageCopy['examination']): Pick<MessageDraft, 'hops' | 'longest_record' | 'attribute_count'> {
  const attributes = new Set(envelope.attributes.map(({ name }) => name)).size;
  return {
    ...(text.hops === 0 ? {} : { hops: text.hops }),
    ...(longestRecord <= LEAST_LINE_LENGTH_LIMIT ? {} : { longest_record: longestRecord }),
    ...(attributes <= FEW_ATTRIBUTES ? {} : { attribute_count: attributes }),
  };
}

/** An empty one stands for none (qmgr_message.c). */
function contentFilterOf({ contentFilter }: Envelope, fit: Fitting): Pick<MessageDraft, 'content_filter'> {
  return contentFilter === undefined || contentFilter.length === 0
    ? {}
    : { content_filter: fit.contentFilter(printable(Buffer.from(contentFilter).toString('latin1'), true)) };
}

function logDraft(log: LogCopy | BigLogCopy, queueId: string): LogDraft {
  return { kind: 'log', queue_name: log.queueName, queue_id: queueId, ...fileDraft(log.metadata) };
}

function fileDraft({
  size,
  sha256,
  mode,
  uid,
  uname,
  mtimeNs,
}: FileMetadata): Omit<LogDraft, 'kind' | 'queue_name' | 'queue_id'> {
  return { file_size: size, sha256, mode, uid, ...(uname === undefined ? {} : { uname }), mtime: String(mtimeNs) };
}

/**
 * As showq.c (showq_report) lists them: those that the defer log tells of, in its order, then those that a bounce is
 * pending for (Postfix 3.11), then those that are still to do and in neither log. Where they are too many to be held, the
 * first ones; of logs that are not held whole nobody knows whom they tell of, so the greater number counts.
 */
function recipientsOf(
  { recipients, recipientsToDo }: Envelope,
  logs: MessageCopy['logs'],
  fit: Fitting,
): Pick<MessageDraft, 'recipients' | 'recipients_omitted'> {
  const [defer, bounce] = [summaryOf(logs, 'defer'), summaryOf(logs, 'bounce')];
  const deferred = defer.entries.map((entry) => ({
    ...loggedRecipient(entry, fit),
    delay_reason: fit.recipient(entry.reason),
  }));
  const bounced = bounce.entries.map((entry) => ({
    ...loggedRecipient(entry, fit),
    bounce_reason: fit.recipient(entry.reason),
  }));
  const logged = [...deferred, ...bounced];
  const addresses = new Set(logged.map(({ address }) => address));
  const others = recipients
    .filter((recipient) => !recipient.done)
    .map((recipient): CatalogueRecipient => {
      const address = fit.recipient(printableAddress(recipient.address));
      return { address, ...originalOf(recipient.originalAddress, address, fit) };
    })
    .filter(({ address }) => !addresses.has(address));
  const all = [...logged, ...others];
  const kept = all.slice(0, RECIPIENTS_MAXIMUM);
  const isWhole = defer.count + bounce.count === logged.length && recipientsToDo <= recipients.length;
  const total = isWhole ? all.length : Math.max(all.length, defer.count + bounce.count, recipientsToDo);
  return { recipients: kept, ...(total > kept.length ? { recipients_omitted: total - kept.length } : {}) };
}

/** A log has no original address where it is the same one, or where Postfix added the recipient (bounce_append_service.c). */
function loggedRecipient({ recipient, originalRecipient }: LogEntry, fit: Fitting): CatalogueRecipient {
  return {
    address: fit.recipient(recipient),
    ...(originalRecipient === undefined ? {} : { orig_address: fit.recipient(originalRecipient) }),
  };
}

/** Left out where it is the address itself, which showq(8) then tells twice. */
function originalOf(
  original: Uint8Array | undefined,
  address: string,
  fit: Fitting,
): { readonly orig_address?: string } {
  const printed = original === undefined ? address : fit.recipient(printableOriginal(original));
  return printed === address ? {} : { orig_address: printed };
}

const NOTHING: LogSummary = { entries: [], count: 0 };

function summaryOf(logs: MessageCopy['logs'], queueName: 'defer' | 'bounce'): LogSummary {
  const log = logs.find((other) => other.queueName === queueName);
  if (log === undefined) {
    return NOTHING;
  }
  return 'summary' in log ? log.summary : readLog([log.content], queueName);
}
