/**
 * A line of the catalogue: all that `list` prints and a restore plans with, for one message or log. The lines stand in
 * the order of the entries that they describe.
 */

import { isPlainObject } from '../plain-object.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, isMessageQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import { type Form, isBoolean, isDecimal, isSha256, listOf, optional, text, textOf, wholeNumber } from './form.ts';
import { type JsonObject, member, parseJsonObject, wrong } from './json-member.ts';
import {
  ACCOUNT_NAME_MAXIMUM,
  CATALOGUE_LINE_MAXIMUM,
  CONTENT_FILTER_MAXIMUM,
  FAULT_TEXT_MAXIMUM,
  FAULTS_MAXIMUM,
  FILE_MAXIMUM,
  TEXT_MAXIMUM,
  TIME_MAXIMUM,
} from './limits.ts';

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

/** What can be more than a line may hold. */
export type ShortenedMember =
  | 'arrival_time'
  | 'arrival_microseconds'
  | 'create_time'
  | 'message_size'
  | 'content_filter'
  | 'sender'
  | 'recipients'
  | 'malformed';

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
  /** Received headers at the top of the message; absent for none. */
  readonly hops?: number | undefined;
  /** Bytes of the longest record, where it has more than 512. */
  readonly longest_record?: number | undefined;
  /** Names of attributes, where there are more than 32. */
  readonly attribute_count?: number | undefined;
  readonly forced_expire: boolean;
  /** `transport:destination` of the content filter that it goes through; absent for none. */
  readonly content_filter?: string | undefined;
  readonly sender: string;
  readonly recipients: readonly CatalogueRecipient[];
  /** How many recipients were left out, so that the line stays within its maximum. */
  readonly recipients_omitted?: number | undefined;
  /** The members that do not hold what the file says: a text was cut, a number is the greatest that fits, or is missing. */
  readonly shortened?: readonly ShortenedMember[] | undefined;
  /** What is wrong with the records of a file that was broken at the source already. */
  readonly malformed?: readonly string[] | undefined;
  /** The logs that stand behind the message. */
  readonly logs: readonly LogQueueName[];
  /** Its bounce or trace log holds something: Postfix still owes a notice. */
  readonly pending: boolean;
}

export type CatalogueDraft = MessageDraft | LogDraft;

/** Where the entry begins. */
interface InFrame {
  readonly frame: number;
}

export type LogLine = LogDraft & InFrame;
export type MessageLine = MessageDraft & InFrame & { readonly state: MessageState };
export type CatalogueLine = MessageLine | LogLine;

/** What is known only when the archive is written: the frame that the entry begins in and, of a message, its state. */
export interface LinePlacement {
  readonly frame: number;
  readonly state?: MessageState | undefined;
}

/** One definition of each member, which encoder and decoder share. */
type Forms<Members> = { readonly [Name in keyof Members]-?: Form<Members[Name]> };

const FILE_FORMS: Forms<Omit<FileDraft<never>, 'queue_name'>> = {
  queue_id: textOf((value): value is string => parseQueueId(value) !== undefined),
  file_size: wholeNumber(0, FILE_MAXIMUM),
  sha256: isSha256,
  mode: wholeNumber(0, 0o7777),
  uid: wholeNumber(0, 0xffff_ffff),
  uname: optional(text(ACCOUNT_NAME_MAXIMUM)),
  mtime: isDecimal,
};

const LOG_FORMS: Forms<Omit<LogDraft, 'kind'>> = { ...FILE_FORMS, queue_name: textOf(isLogQueueName) };

/** Microseconds within a second, as Postfix writes them. */
const MICROSECONDS_MAXIMUM = 999_999;

const MESSAGE_FORMS: Forms<Omit<MessageDraft, 'kind'>> = {
  ...FILE_FORMS,
  queue_name: textOf(isMessageQueueName),
  fingerprint: isSha256,
  submission: optional(isSha256),
  origin: optional((value): value is string | null => value === null || isSha256(value)),
  arrival_time: wholeNumber(-TIME_MAXIMUM, TIME_MAXIMUM),
  arrival_microseconds: optional(wholeNumber(0, MICROSECONDS_MAXIMUM)),
  create_time: optional(wholeNumber(-TIME_MAXIMUM, TIME_MAXIMUM)),
  message_size: wholeNumber(0),
  send_options: optional(wholeNumber(0)),
  hops: optional(wholeNumber(0)),
  longest_record: optional(wholeNumber(0)),
  attribute_count: optional(wholeNumber(0)),
  content_filter: optional(text(CONTENT_FILTER_MAXIMUM)),
  forced_expire: isBoolean,
  sender: text(TEXT_MAXIMUM),
  recipients: (value): value is readonly CatalogueRecipient[] => Array.isArray(value) && value.every(isRecipient),
  recipients_omitted: optional(wholeNumber(0)),
  shortened: optional(listOf(textOf(isShortenedMember), 8)),
  malformed: optional(listOf(text(FAULT_TEXT_MAXIMUM), FAULTS_MAXIMUM)),
  logs: listOf(textOf(isLogQueueName), 3),
  pending: isBoolean,
};

const RECIPIENT_FORMS: Forms<CatalogueRecipient> = {
  address: text(TEXT_MAXIMUM),
  orig_address: optional(text(TEXT_MAXIMUM)),
  delay_reason: optional(text(TEXT_MAXIMUM)),
  bounce_reason: optional(text(TEXT_MAXIMUM)),
};

/** What a text or a number becomes where the file has more than fits: nothing less than the form allows. */
export const MEMBER_BOUNDS: Readonly<
  Record<'arrival_time' | 'arrival_microseconds' | 'create_time' | 'message_size', number>
> = {
  arrival_time: TIME_MAXIMUM,
  arrival_microseconds: MICROSECONDS_MAXIMUM,
  create_time: TIME_MAXIMUM,
  message_size: Number.MAX_SAFE_INTEGER,
};

function isShortenedMember(name: string): name is ShortenedMember {
  return (
    name === 'arrival_time' ||
    name === 'arrival_microseconds' ||
    name === 'create_time' ||
    name === 'message_size' ||
    name === 'content_filter' ||
    name === 'sender' ||
    name === 'recipients' ||
    name === 'malformed'
  );
}

/** A form by its member's name; a list, since lines are checked by the million. */
type Checks = readonly (readonly [name: string, form: Form<unknown>])[];

const LOG_CHECKS: Checks = Object.entries<Form<unknown>>(LOG_FORMS);
const MESSAGE_CHECKS: Checks = Object.entries<Form<unknown>>(MESSAGE_FORMS);
const RECIPIENT_CHECKS: Checks = Object.entries<Form<unknown>>(RECIPIENT_FORMS);

function isRecipient(value: unknown): boolean {
  return isPlainObject(value) && isOfForms(value, RECIPIENT_CHECKS);
}

function isOfForms(members: Readonly<Record<string, unknown>>, checks: Checks): boolean {
  return checks.every(([name, form]) => form(members[name]));
}

/** Room in a line for all that is no recipient: frame and state, digests, the sender, the faults, in JSON's longest spelling. */
const REST_MAXIMUM = 524_288;
const RECIPIENTS_ROOM = CATALOGUE_LINE_MAXIMUM - REST_MAXIMUM;
/** JSON spells a character in six bytes at most; a recipient's names and marks take fewer than these. */
const LONGEST_SPELLING = 6;
const RECIPIENT_MARKS = 100;

/** Leaves recipients out, the last first, where the line would be longer than a line may be. */
export function fitRecipients(draft: MessageDraft): MessageDraft {
  const { recipients } = draft;
  let longest = 0;
  for (const recipient of recipients) {
    longest += lengthOf(recipient) * LONGEST_SPELLING + RECIPIENT_MARKS;
  }
  if (longest <= RECIPIENTS_ROOM) {
    return draft;
  }
  let length = 0;
  let kept = 0;
  for (const recipient of recipients) {
    length += Buffer.byteLength(JSON.stringify(recipient)) + 1;
    if (length > RECIPIENTS_ROOM) {
      break;
    }
    kept += 1;
  }
  const omitted = (draft.recipients_omitted ?? 0) + recipients.length - kept;
  return { ...draft, recipients: recipients.slice(0, kept), ...(omitted > 0 ? { recipients_omitted: omitted } : {}) };
}

function lengthOf({ address, orig_address, delay_reason, bounce_reason }: CatalogueRecipient): number {
  return address.length + (orig_address?.length ?? 0) + (delay_reason?.length ?? 0) + (bounce_reason?.length ?? 0);
}

/**
 * Makes the text of a draft. Recipients are left out as {@link fitRecipients} does.
 *
 * @throws TypeError: a member is not of its form: a bug of whoever made the draft, and it must not get into an archive
 */
export function encodeCatalogueDraft(draft: CatalogueDraft): string {
  const fitting = draft.kind === 'log' ? draft : fitRecipients(draft);
  const line = JSON.stringify(fitting);
  const isGood = isOfForms({ ...fitting }, draft.kind === 'log' ? LOG_CHECKS : MESSAGE_CHECKS);
  if (!isGood || !hasRoom(line)) {
    throw new TypeError(`the catalogue can't hold the line of ${draft.queue_name}/${draft.queue_id}`);
  }
  return line;
}

/** Room for frame and state in a line. */
const PLACEMENT_LENGTH = 64;
const LONGEST_CHARACTER = 3;

function hasRoom(line: string): boolean {
  const room = CATALOGUE_LINE_MAXIMUM - PLACEMENT_LENGTH;
  return line.length * LONGEST_CHARACTER <= room || Buffer.byteLength(line) <= room;
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
      return { kind: 'log', queue_name: member(object, 'queue_name', LOG_FORMS.queue_name), ...decodeFile(object) };
    case 'message':
      return decodeMessage(object);
    default:
      return wrong(object, 'kind');
  }
}

function decodeFile(object: JsonObject): Omit<FileDraft<never>, 'queue_name'> & InFrame {
  return {
    queue_id: member(object, 'queue_id', FILE_FORMS.queue_id),
    frame: member(object, 'frame', FRAME_FORM),
    file_size: member(object, 'file_size', FILE_FORMS.file_size),
    sha256: member(object, 'sha256', FILE_FORMS.sha256),
    mode: member(object, 'mode', FILE_FORMS.mode),
    uid: member(object, 'uid', FILE_FORMS.uid),
    mtime: member(object, 'mtime', FILE_FORMS.mtime),
    ...optionalMember(object, 'uname', FILE_FORMS.uname),
  };
}

const FRAME_FORM = wholeNumber(0);

function decodeMessage(object: JsonObject): MessageLine {
  return {
    kind: 'message',
    queue_name: member(object, 'queue_name', MESSAGE_FORMS.queue_name),
    ...decodeFile(object),
    state: member(object, 'state', STATE_FORM),
    fingerprint: member(object, 'fingerprint', MESSAGE_FORMS.fingerprint),
    ...decodeLineage(object),
    arrival_time: member(object, 'arrival_time', MESSAGE_FORMS.arrival_time),
    message_size: member(object, 'message_size', MESSAGE_FORMS.message_size),
    forced_expire: member(object, 'forced_expire', MESSAGE_FORMS.forced_expire),
    sender: member(object, 'sender', MESSAGE_FORMS.sender),
    recipients: member(object, 'recipients', MESSAGE_FORMS.recipients).map(decodeRecipient),
    logs: member(object, 'logs', MESSAGE_FORMS.logs),
    pending: member(object, 'pending', MESSAGE_FORMS.pending),
    ...optionalMember(object, 'arrival_microseconds', MESSAGE_FORMS.arrival_microseconds),
    ...optionalMember(object, 'create_time', MESSAGE_FORMS.create_time),
    ...optionalMember(object, 'send_options', MESSAGE_FORMS.send_options),
    ...optionalMember(object, 'hops', MESSAGE_FORMS.hops),
    ...optionalMember(object, 'longest_record', MESSAGE_FORMS.longest_record),
    ...optionalMember(object, 'attribute_count', MESSAGE_FORMS.attribute_count),
    ...optionalMember(object, 'content_filter', MESSAGE_FORMS.content_filter),
    ...optionalMember(object, 'recipients_omitted', MESSAGE_FORMS.recipients_omitted),
    ...optionalMember(object, 'shortened', MESSAGE_FORMS.shortened),
    ...optionalMember(object, 'malformed', MESSAGE_FORMS.malformed),
  };
}

/** An origin without a submission means nothing. */
function decodeLineage(object: JsonObject): Pick<MessageDraft, 'submission' | 'origin'> {
  return {
    ...optionalMember(object, 'submission', MESSAGE_FORMS.submission),
    ...(object.members['submission'] === undefined ? {} : optionalMember(object, 'origin', MESSAGE_FORMS.origin)),
  };
}

const STATE_FORM = textOf(isMessageState);

function isMessageState(state: string): state is MessageState {
  return state === 'queued' || state === 'left';
}

/** The member under its name, or nothing where there is none. */
function optionalMember<Name extends string, Value>(
  object: JsonObject,
  name: Name,
  form: Form<Value>,
): { readonly [Member in Name]?: Value } {
  if (object.members[name] === undefined) {
    return {};
  }
  const found: { [Member in Name]?: Value } = {};
  found[name] = member(object, name, form);
  return found;
}

/** Of the members of a recipient only those that are known. */
function decodeRecipient({
  address,
  orig_address,
  delay_reason,
  bounce_reason,
}: CatalogueRecipient): CatalogueRecipient {
  return {
    address,
    ...(orig_address === undefined ? {} : { orig_address }),
    ...(delay_reason === undefined ? {} : { delay_reason }),
    ...(bounce_reason === undefined ? {} : { bounce_reason }),
  };
}
