/**
 * Gathers the envelope from the records outside the message, each field by the rule of qmgr_message_read(): the first
 * of some records counts, the last of others.
 */

import {
  ATTRIBUTES_MAXIMUM,
  type Envelope,
  type NamedAttribute,
  RECIPIENTS_MAXIMUM,
  type Recipient,
} from './envelope.ts';
import type { EnvelopeRecord } from './envelope-record.ts';
import { isDigits, leadingNumber, type RecordTime, scanTime } from './record-text.ts';
import { RECORD_TYPE } from './record-type.ts';
import { parseSizeRecord, type SizeRecord, shownMessageSize } from './size-record.ts';

/** Of recipients and attributes no more bytes are held: each may be as long as a record's text. */
const HELD_MAXIMUM = 8 * 1024 * 1024;

interface EnvelopeFields {
  arrival: RecordTime | undefined;
  createSeconds: number | undefined;
  size: SizeRecord | undefined;
  shownSize: number | undefined;
  sender: Uint8Array | undefined;
  fullName: Uint8Array | undefined;
  readonly recipients: Recipient[];
  /** Bytes of the recipients and attributes that are held. */
  held: number;
  recipientsDone: number;
  recipientsToDo: number;
  readonly attributes: NamedAttribute[];
  warningSeconds: number | undefined;
  contentFilter: Uint8Array | undefined;
  redirect: Uint8Array | undefined;
  verp: Uint8Array | undefined;
  dsnEnvelopeId: Uint8Array | undefined;
  dsnReturn: number | undefined;
  /** What stood before the next recipient record and belongs to it. */
  originalAddress: Uint8Array | undefined;
  dsnNotify: number | undefined;
  dsnOriginal: Uint8Array | undefined;
}

export type EnvelopeReader = EnvelopeFields;

/** An envelope without any record. */
export function createEnvelopeReader(): EnvelopeReader {
  return {
    arrival: undefined,
    createSeconds: undefined,
    size: undefined,
    shownSize: undefined,
    sender: undefined,
    fullName: undefined,
    recipients: [],
    held: 0,
    recipientsDone: 0,
    recipientsToDo: 0,
    attributes: [],
    warningSeconds: undefined,
    contentFilter: undefined,
    redirect: undefined,
    verp: undefined,
    dsnEnvelopeId: undefined,
    dsnReturn: undefined,
    originalAddress: undefined,
    dsnNotify: undefined,
    dsnOriginal: undefined,
  };
}

/** Takes in one more record. */
export function addToEnvelope(fields: EnvelopeReader, record: EnvelopeRecord): void {
  if (record.attribute !== undefined && record.type === RECORD_TYPE.attribute) {
    addAttribute(fields, record);
  }
  switch (record.mappedType) {
    case RECORD_TYPE.recipient:
    case RECORD_TYPE.done:
      addRecipient(fields, record);
      return;
    case RECORD_TYPE.canceledRecipient:
      forgetOriginal(fields);
      return;
    case RECORD_TYPE.originalRecipient:
      fields.originalAddress = bytesOf(record.value);
      return;
    case RECORD_TYPE.dsnOriginal:
      fields.dsnOriginal = bytesOf(record.value);
      return;
    case RECORD_TYPE.dsnNotify:
      fields.dsnNotify = flagsOf(record.value);
      return;
    default:
      addMessageField(fields, record);
  }
}

function addRecipient(fields: EnvelopeReader, record: EnvelopeRecord): void {
  const done = record.mappedType === RECORD_TYPE.done;
  fields.recipientsDone += done ? 1 : 0;
  fields.recipientsToDo += done ? 0 : 1;
  if (fields.recipients.length < RECIPIENTS_MAXIMUM && fields.held < HELD_MAXIMUM) {
    fields.held += record.value.length + (fields.originalAddress?.length ?? 0) + (fields.dsnOriginal?.length ?? 0);
    const { originalAddress, dsnNotify, dsnOriginal } = fields;
    fields.recipients.push({ address: bytesOf(record.value), originalAddress, done, dsnNotify, dsnOriginal });
  }
  forgetOriginal(fields);
}

function forgetOriginal(fields: EnvelopeReader): void {
  fields.originalAddress = undefined;
  fields.dsnNotify = undefined;
  fields.dsnOriginal = undefined;
}

function addMessageField(fields: EnvelopeReader, { mappedType, text, value }: EnvelopeRecord): void {
  switch (mappedType) {
    case RECORD_TYPE.size:
      fields.size ??= parseSizeRecord(text);
      fields.shownSize ??= shownMessageSize(text);
      return;
    case RECORD_TYPE.time:
      fields.arrival = (fields.arrival?.seconds ?? 0) === 0 ? scanTime(text) : fields.arrival;
      return;
    case RECORD_TYPE.createTime:
      fields.createSeconds = (fields.createSeconds ?? 0) === 0 ? leadingNumber(value) : fields.createSeconds;
      return;
    case RECORD_TYPE.sender:
      fields.sender ??= bytesOf(value);
      return;
    case RECORD_TYPE.fullName:
      fields.fullName ??= bytesOf(value);
      return;
    case RECORD_TYPE.warning:
      fields.warningSeconds ??= leadingNumber(value);
      return;
    case RECORD_TYPE.filter:
      fields.contentFilter = bytesOf(value);
      return;
    case RECORD_TYPE.redirect:
      fields.redirect = bytesOf(value);
      return;
    case RECORD_TYPE.verp:
      fields.verp ??= bytesOf(value);
      return;
    case RECORD_TYPE.dsnEnvelopeId:
      fields.dsnEnvelopeId = bytesOf(value);
      return;
    case RECORD_TYPE.dsnReturn:
      fields.dsnReturn = flagsOf(value) ?? fields.dsnReturn;
      return;
    default:
  }
}

function addAttribute(fields: EnvelopeReader, { attribute, mappedType }: EnvelopeRecord): void {
  const isTold = mappedType === RECORD_TYPE.dsnOriginal || mappedType === RECORD_TYPE.dsnNotify;
  const isKept = fields.attributes.length < ATTRIBUTES_MAXIMUM && fields.held < HELD_MAXIMUM;
  if (attribute !== undefined && !isTold && isKept) {
    fields.held += attribute.name.length + attribute.value.length;
    fields.attributes.push(attribute);
  }
}

/**
 * The finished envelope. In maildrop a size record may be preliminary, from sendmail(1) of Postfix 3.11, so showq(8) shows
 * the size of the file there (showq.c since 2025; before, it believed every record but one that is malformed).
 */
export function finishEnvelope(fields: EnvelopeReader, fileSize: number, inMaildrop: boolean): Envelope {
  return {
    arrival: fields.arrival,
    createSeconds: fields.createSeconds ?? fields.arrival?.seconds,
    size: fields.size,
    messageSize: inMaildrop ? fileSize : (fields.shownSize ?? fileSize),
    sender: fields.sender,
    fullName: fields.fullName,
    recipients: fields.recipients,
    recipientsDone: fields.recipientsDone,
    recipientsToDo: fields.recipientsToDo,
    attributes: fields.attributes,
    warningSeconds: fields.warningSeconds,
    contentFilter: fields.contentFilter,
    redirect: fields.redirect,
    verp: fields.verp,
    dsnEnvelopeId: fields.dsnEnvelopeId,
    dsnReturn: fields.dsnReturn,
  };
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    bytes[at] = text.charCodeAt(at);
  }
  return bytes;
}

function flagsOf(text: string): number | undefined {
  return isDigits(text) && Number(text) > 0 ? Number(text) : undefined;
}
