/**
 * A short look at a queue file outside maildrop, for who wants to know of many files whether Postfix takes them, and nothing
 * else. It answers yes only where the whole examination finds no fault; of what is rare, pointer records say, it knows
 * nothing. (test/property/plainly-sound.test.ts)
 */

import { isEnvelopeType, RECORD_TYPE } from './record-type.ts';
import { isValidSizeRecord } from './size-record.ts';

const PLAIN = 1;
/** A line break in it is a fault. */
const ONE_LINE = 2;

/** What is in no row has to be examined. */
const ENVELOPE_TYPES = envelopeTypes();

function envelopeTypes(): Uint8Array {
  const rows = new Uint8Array(256);
  const { pointer, end, size, message, killed, warning, time } = RECORD_TYPE;
  for (let type = 0; type < rows.length; type += 1) {
    const isRare = type === pointer || type === end || type === size || type === message;
    const isFree = type === killed || type === warning || type === time;
    rows[type] = isRare || !isEnvelopeType(type) ? 0 : isFree ? PLAIN : ONE_LINE;
  }
  return rows;
}

const EQUALS = 0x3d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const TILDE = 0x7e;

/** Goes from record to record, and never back. */
class PlainWalk {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Offset of the record at hand. */
  offset = 0;
  type = 0;
  payloadOffset = 0;
  /** Where the next record stands. */
  end = 0;

  constructor(bytes: Uint8Array, length: number) {
    this.bytes = bytes;
    this.length = length;
  }

  /** False at the end of the bytes, and at a length of more than three bytes: the type is 0 then. */
  advance(): boolean {
    const { bytes, end, length } = this;
    const first = bytes[end + 1] ?? 0;
    const second = first < 0x80 ? 0 : (bytes[end + 2] ?? 0);
    const third = second < 0x80 ? 0 : (bytes[end + 3] ?? 0);
    const lengthBytes = first < 0x80 ? 1 : second < 0x80 ? 2 : 3;
    this.offset = end;
    this.payloadOffset = end + 1 + lengthBytes;
    this.end = this.payloadOffset + (first & 0x7f) + ((second & 0x7f) << 7) + (third << 14);
    const isWhole = third < 0x80 && this.end <= length;
    this.type = isWhole ? (bytes[end] ?? 0) : 0;
    return isWhole;
  }
}

/**
 * Whether qmgr(8) and the delivery agents certainly take a queue file. False says nothing: `examineQueueFile` knows.
 *
 * @param bytes the whole file, and whatever stands behind it
 * @param length of the file
 */
export function isPlainlySound(bytes: Uint8Array, length: number): boolean {
  const walk = new PlainWalk(bytes, length);
  const span = walk.advance() && walk.type === RECORD_TYPE.size ? messageSpan(walk) : undefined;
  return (
    span !== undefined &&
    passEnvelope(walk) &&
    walk.end === span.start &&
    passContent(walk) &&
    walk.offset === span.end &&
    passExtracted(walk)
  );
}

/** Up to the message record, with a sender and a time before it. */
function passEnvelope(walk: PlainWalk): boolean {
  let hasSender = false;
  let hasTime = false;
  while (walk.advance() && walk.type !== RECORD_TYPE.message) {
    if (!isPlainRecord(walk)) {
      return false;
    }
    hasSender ||= walk.type === RECORD_TYPE.sender;
    hasTime ||= walk.type === RECORD_TYPE.time && isCounting(walk);
  }
  return walk.type === RECORD_TYPE.message && hasSender && hasTime;
}

function passContent(walk: PlainWalk): boolean {
  const { normal, long, padding, extracted } = RECORD_TYPE;
  while (walk.advance() && walk.type !== extracted) {
    if (walk.type !== normal && walk.type !== long && walk.type !== padding) {
      return false;
    }
  }
  return walk.type === extracted;
}

function passExtracted(walk: PlainWalk): boolean {
  while (walk.advance() && walk.type !== RECORD_TYPE.end) {
    if (!isPlainRecord(walk)) {
      return false;
    }
  }
  return walk.type === RECORD_TYPE.end;
}

/** A time of more than 0 seconds. */
function isCounting({ bytes, payloadOffset, end }: PlainWalk): boolean {
  const digit = payloadOffset < end ? (bytes[payloadOffset] ?? 0) : 0;
  return digit > ZERO && digit <= NINE;
}

function isPlainRecord({ bytes, type, payloadOffset, end }: PlainWalk): boolean {
  const row = ENVELOPE_TYPES[type];
  if (row === PLAIN) {
    return true;
  }
  if (row !== ONE_LINE) {
    return false;
  }
  let at = payloadOffset;
  if (type === RECORD_TYPE.attribute) {
    at = endOfName(bytes, at, end);
    if (at === payloadOffset || bytes[at] !== EQUALS || at >= end) {
      return false;
    }
  }
  for (; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === 0x00 || byte === 0x0a || byte === 0x0d) {
      return false;
    }
  }
  return true;
}

function endOfName(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === EQUALS || byte <= SPACE || byte > TILDE) {
      return at;
    }
  }
  return at;
}

/** How cleanup(8) of today writes the size record: fields of 15 characters, flush right, with spaces between. */
const FIELD = 15;
const FIELDS = 6;
const SIZE_LENGTH = FIELDS * (FIELD + 1) - 1;

/** Where the message starts and ends, by a size record that Postfix takes. */
function messageSpan({ bytes, payloadOffset, end }: PlainWalk): { start: number; end: number } | undefined {
  if (end - payloadOffset !== SIZE_LENGTH) {
    return undefined;
  }
  const fields: number[] = [];
  for (let field = 0; field < FIELDS; field += 1) {
    const at = payloadOffset + field * (FIELD + 1);
    const number = numberIn(bytes, at, at + FIELD);
    if (number === undefined || (field > 0 && bytes[at - 1] !== SPACE)) {
      return undefined;
    }
    fields.push(number);
  }
  const [dataSize = 0, dataOffset = 0, recipientCount = 0, queueManagerFlags = 0, contentLength = 0] = fields;
  const size = { fieldCount: FIELDS, dataSize, dataOffset, recipientCount, queueManagerFlags, contentLength };
  const isValid = isValidSizeRecord({ ...size, sendOptions: undefined });
  return isValid ? { start: dataOffset, end: dataOffset + dataSize } : undefined;
}

/** Spaces, then digits. */
function numberIn(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  while (at < end - 1 && bytes[at] === SPACE) {
    at += 1;
  }
  let number = 0;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) {
      return undefined;
    }
    number = number * 10 + digit;
  }
  return number;
}
