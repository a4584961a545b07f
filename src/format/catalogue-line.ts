/**
 * A line of the catalogue: all that `list` prints and a restore plans with, for one message or log. The lines stand in
 * the order of the entries that they describe.
 */

import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, isMessageQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import {
  arrayMember,
  asJsonObject,
  booleanMember,
  decimalMember,
  integerMember,
  type JsonObject,
  memberOf,
  optionalString,
  parseJsonObject,
  sha256Member,
  stringMember,
  wrong,
} from './json-member.ts';
import { CATALOGUE_LINE_MAXIMUM } from './limits.ts';

/** `left`: it was gone from the source queue when the snapshot was complete. */
export type MessageState = 'queued' | 'left';

export interface CatalogueRecipient {
  readonly address: string;
  readonly orig_address?: string | undefined;
  readonly delay_reason?: string | undefined;
  readonly bounce_reason?: string | undefined;
}

/** What is known of a file when it is packed. */
interface FileDraft<Name extends string> {
  readonly queue_name: Name;
  readonly queue_id: string;
  readonly file_size: number;
  readonly sha256: string;
  readonly mode: number;
  readonly uid: number;
  readonly uname?: string | undefined;
  /** Nanoseconds since the epoch, in decimal. */
  readonly mtime: string;
}

export interface LogDraft extends FileDraft<LogQueueName> {
  readonly kind: 'log';
}

export interface MessageDraft extends FileDraft<MessageQueueName> {
  readonly kind: 'message';
  readonly fingerprint: string;
  /** What cleanup(8) is given when pickup(8) takes the file; absent where its arrival is not told to the microsecond. */
  readonly submission?: string | undefined;
  /** What cleanup(8) was given when it wrote the file: null where it did not, absent where it is the `submission`. */
  readonly origin?: string | null | undefined;
  /** Seconds since the epoch. */
  readonly arrival_time: number;
  readonly arrival_microseconds?: number | undefined;
  /** Where its time in the queue counts from (qmgr_active.c), in seconds since the epoch; absent where it is `arrival_time`. */
  readonly create_time?: number | undefined;
  readonly message_size: number;
  /** What the sender asked for (sendopts.h): the last field of the size record. Absent: nothing. */
  readonly send_options?: number | undefined;
  readonly forced_expire: boolean;
  readonly sender: string;
  readonly recipients: readonly CatalogueRecipient[];
  /** How many recipients were left out, so that the line stays within its maximum. */
  readonly recipients_omitted?: number | undefined;
  /** What is wrong with the records of a file that was broken at the source already. */
  readonly malformed?: readonly string[] | undefined;
  /** The logs that stand behind the message. */
  readonly logs: readonly LogQueueName[];
  /** Its bounce or trace log holds something: Postfix still owes a notice. */
  readonly pending: boolean;
}

export type CatalogueDraft = MessageDraft | LogDraft;

/** Where the entry begins. */
interface Placed {
  readonly frame: number;
}

export type LogLine = LogDraft & Placed;
export type MessageLine = MessageDraft & Placed & { readonly state: MessageState };
export type CatalogueLine = MessageLine | LogLine;

/** What is known only when the archive is written: the frame that the entry begins in and, of a message, its state. */
export interface LinePlacement {
  readonly frame: number;
  readonly state?: MessageState | undefined;
}

/** Room for frame and state in a line. */
const PLACEMENT_LENGTH = 64;

/** Makes the text of a draft. Where it would be longer than a line may be, recipients are left out, the last first. */
export function encodeCatalogueDraft(draft: CatalogueDraft): string {
  const text = JSON.stringify(draft);
  if (draft.kind === 'log' || Buffer.byteLength(text) + PLACEMENT_LENGTH <= CATALOGUE_LINE_MAXIMUM) {
    return text;
  }
  const kept = Math.floor(draft.recipients.length / 2);
  const omitted = (draft.recipients_omitted ?? 0) + draft.recipients.length - kept;
  const recipients = draft.recipients.slice(0, kept);
  return encodeCatalogueDraft({ ...draft, recipients, recipients_omitted: omitted });
}

/** Makes the line, line feed included, of a draft's text. The draft is not parsed: there may be a million of them. */
export function completeCatalogueLine(draftText: string, { frame, state }: LinePlacement): string {
  const placement = state === undefined ? `{"frame":${frame},` : `{"frame":${frame},"state":"${state}",`;
  return `${placement}${draftText.slice(1)}\n`;
}

/**
 * Reads a line of the catalogue, without its line feed.
 *
 * @throws ArchiveError `damaged`: it is no such line.
 */
export function decodeCatalogueLine(text: string): CatalogueLine {
  const object = parseJsonObject(text, 'a line of the catalogue');
  switch (object.members['kind']) {
    case 'log':
      return { kind: 'log', queue_name: memberOf(object, 'queue_name', isLogQueueName), ...decodeFile(object) };
    case 'message':
      return decodeMessage(object);
    default:
      return wrong(object, 'kind');
  }
}

function decodeFile(object: JsonObject): Omit<FileDraft<never>, 'queue_name'> & Placed {
  return {
    queue_id: queueIdMember(object),
    frame: integerMember(object, 'frame'),
    file_size: integerMember(object, 'file_size'),
    sha256: sha256Member(object, 'sha256'),
    mode: integerMember(object, 'mode'),
    uid: integerMember(object, 'uid'),
    mtime: decimalMember(object, 'mtime'),
    ...(object.members['uname'] === undefined ? {} : { uname: stringMember(object, 'uname') }),
  };
}

function queueIdMember(object: JsonObject): string {
  const text = stringMember(object, 'queue_id');
  return parseQueueId(text) === undefined ? wrong(object, 'queue_id') : text;
}

function decodeMessage(object: JsonObject): MessageLine {
  return {
    kind: 'message',
    queue_name: memberOf(object, 'queue_name', isMessageQueueName),
    ...decodeFile(object),
    state: memberOf(object, 'state', isMessageState),
    fingerprint: sha256Member(object, 'fingerprint'),
    ...decodeLineage(object),
    arrival_time: integerMember(object, 'arrival_time', Number.MIN_SAFE_INTEGER),
    message_size: integerMember(object, 'message_size', Number.MIN_SAFE_INTEGER),
    forced_expire: booleanMember(object, 'forced_expire'),
    sender: stringMember(object, 'sender'),
    recipients: arrayMember(object, 'recipients').map(decodeRecipient),
    logs: strings(object, 'logs').map((name) => (isLogQueueName(name) ? name : wrong(object, 'logs'))),
    pending: booleanMember(object, 'pending'),
    ...optionalIntegers(object),
    ...(object.members['malformed'] === undefined ? {} : { malformed: strings(object, 'malformed') }),
  };
}

function decodeLineage(object: JsonObject): Pick<MessageDraft, 'submission' | 'origin'> {
  if (object.members['submission'] === undefined) {
    return {};
  }
  const submission = sha256Member(object, 'submission');
  switch (object.members['origin']) {
    case undefined:
      return { submission };
    case null:
      return { submission, origin: null };
    default:
      return { submission, origin: sha256Member(object, 'origin') };
  }
}

function isMessageState(text: string): text is MessageState {
  return text === 'queued' || text === 'left';
}

const OPTIONAL_INTEGERS = [
  ['arrival_microseconds', 0],
  ['create_time', Number.MIN_SAFE_INTEGER],
  ['send_options', 0],
  ['recipients_omitted', 0],
] as const;

function optionalIntegers(object: JsonObject): Partial<Pick<MessageDraft, (typeof OPTIONAL_INTEGERS)[number][0]>> {
  const found = OPTIONAL_INTEGERS.filter(([name]) => object.members[name] !== undefined);
  return Object.fromEntries(found.map(([name, minimum]) => [name, integerMember(object, name, minimum)]));
}

function strings(object: JsonObject, name: string): string[] {
  return arrayMember(object, name).map((value) => (typeof value === 'string' ? value : wrong(object, name)));
}

function decodeRecipient(value: unknown): CatalogueRecipient {
  const object = asJsonObject(value, 'a recipient in the catalogue');
  const recipient: { -readonly [Name in keyof CatalogueRecipient]: CatalogueRecipient[Name] } = {
    address: stringMember(object, 'address'),
  };
  for (const name of ['orig_address', 'delay_reason', 'bounce_reason'] as const) {
    const text = optionalString(object, name);
    if (text !== undefined) {
      recipient[name] = text;
    }
  }
  return recipient;
}
