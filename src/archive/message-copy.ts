/**
 * A message with its logs as an archive takes it, with the lines of the catalogue: what `postqueue -j` would tell of the
 * message, and what a restore plans with.
 */

import type { CatalogueRecipient, LogDraft, MessageDraft } from '../format/catalogue-line.ts';
import type { FileMetadata } from '../format/file-metadata.ts';
import { type LogEntry, parseLog } from '../log/log-entry.ts';
import { isForcedExpiry } from '../queue/mode.ts';
import type { QueueId } from '../queue/queue-id.ts';
import type { LogQueueName, MessageQueueName } from '../queue/queue-name.ts';
import type { Envelope } from '../record/envelope.ts';
import type { QueueFileExamination } from '../record/examine.ts';
import type { Lineage } from '../record/lineage.ts';
import { printableAddress, printableOriginal } from '../record/printable-address.ts';
import { describeFault } from '../record/record-fault.ts';
import type { FileWithContent } from './frame-packer.ts';

/** A log of the message, read. */
export interface LogCopy {
  readonly queueName: LogQueueName;
  /** How many hash directories were above the file. */
  readonly depth: number;
  readonly metadata: FileMetadata;
  readonly content: Uint8Array;
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
  readonly logs: readonly LogCopy[];
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

function logFile(log: LogCopy, id: QueueId): FileWithContent {
  const { queueName, depth, metadata, content } = log;
  return { name: { kind: 'file', queueName, id, depth }, metadata, draft: logDraft(log, id.text), content };
}

function messageDraft(copy: MessageCopy): MessageDraft {
  const { examination, logs, metadata } = copy;
  const { envelope, faults } = examination;
  return {
    kind: 'message',
    queue_name: copy.queueName,
    queue_id: copy.id.text,
    ...fileDraft(metadata),
    fingerprint: copy.fingerprint,
    ...lineageDraft(copy.lineage),
    arrival_time: envelope.arrival?.seconds ?? Number(metadata.mtimeNs / NANOSECONDS),
    ...(envelope.arrival === undefined ? {} : { arrival_microseconds: envelope.arrival.microseconds }),
    ...createTimeOf(envelope),
    message_size: envelope.messageSize,
    ...sendOptionsOf(envelope),
    forced_expire: isForcedExpiry(metadata.mode),
    sender: printableAddress(envelope.sender ?? new Uint8Array(0)),
    recipients: recipientsOf(envelope, logs),
    ...(faults.length === 0 ? {} : { malformed: faults.map(describeFault) }),
    logs: logs.map((log) => log.queueName),
    pending: logs.some((log) => log.queueName !== 'defer' && log.metadata.size > 0),
  };
}

/** Where its time in the queue counts from, if not from its arrival: cleanup(8) sets it anew when mail is requeued. */
function createTimeOf({ arrival, createSeconds }: Envelope): Pick<MessageDraft, 'create_time'> {
  // A number that JSON can't hold was never a time.
  return createSeconds === arrival?.seconds || !Number.isSafeInteger(createSeconds)
    ? {}
    : { create_time: createSeconds };
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

function logDraft(log: LogCopy, queueId: string): LogDraft {
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
 * pending for (Postfix 3.11), then those that are still to do and in neither log.
 */
function recipientsOf({ recipients }: Envelope, logs: readonly LogCopy[]): CatalogueRecipient[] {
  const deferred = entriesOf(logs, 'defer').map((entry) => ({ ...loggedRecipient(entry), delay_reason: entry.reason }));
  const bounced = entriesOf(logs, 'bounce').map((entry) => ({
    ...loggedRecipient(entry),
    bounce_reason: entry.reason,
  }));
  const logged = [...deferred, ...bounced];
  const addresses = new Set(logged.map(({ address }) => address));
  const others = recipients
    .filter((recipient) => !recipient.done)
    .map((recipient): CatalogueRecipient => {
      const address = printableAddress(recipient.address);
      return { address, ...originalOf(recipient.originalAddress, address) };
    })
    .filter(({ address }) => !addresses.has(address));
  return [...logged, ...others];
}

/** A log has no original address where it is the same one, or where Postfix added the recipient (bounce_append_service.c). */
function loggedRecipient({ recipient, originalRecipient }: LogEntry): CatalogueRecipient {
  return { address: recipient, ...(originalRecipient === undefined ? {} : { orig_address: originalRecipient }) };
}

/** Left out where it is the address itself, which showq(8) then tells twice. */
function originalOf(original: Uint8Array | undefined, address: string): { readonly orig_address?: string } {
  const printed = original === undefined ? address : printableOriginal(original);
  return printed === address ? {} : { orig_address: printed };
}

function entriesOf(logs: readonly LogCopy[], queueName: 'defer' | 'bounce'): LogEntry[] {
  return logs.filter((log) => log.queueName === queueName).flatMap((log) => parseLog(log.content, queueName));
}
