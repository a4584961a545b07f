/**
 * The size record, the first one of a queue file, in all the forms that it has had. Authority: rec_type.h
 * (REC_TYPE_SIZE_FORMAT), qmgr_message.c. cleanup(8) fills it in when the file is complete; nothing changes it later.
 */

import { cString, leadingNumber, saturated } from './record-text.ts';

export interface SizeRecord {
  /** How many fields there were: 1 before Postfix 1.0, 3 then, 4 since 2.1, 5 since 2.4, 6 since 3.0. */
  readonly fieldCount: number;
  /** Bytes from the start of the message records to the record that ends them: the size that postqueue(1) shows. */
  readonly dataSize: number;
  /** Offset of the first record of the message. Unknown before Postfix 1.0. */
  readonly dataOffset: number | undefined;
  /** How many recipients, when the file was new. */
  readonly recipientCount: number | undefined;
  /** Hints to qmgr(8). */
  readonly queueManagerFlags: number | undefined;
  /** Bytes of the message itself, without record headers. */
  readonly contentLength: number | undefined;
  /** SMTPUTF8, REQUIRETLS. */
  readonly sendOptions: number | undefined;
}

const FIELD_WIDTH = 15;
/** QMGR_READ_FLAG_USER (qmgr_user.h): mixed recipients, and the four notify flags. */
const KNOWN_FLAGS = 0x1f;

/** Reads the payload as sscanf("%ld %ld %d %d %ld %d") does: up to the first field that is no number. */
export function parseSizeRecord(payload: string): SizeRecord {
  const fields = /^(?:[ \t\n\v\f\r]*[+-]?\d+){0,6}/.exec(cString(payload))?.[0] ?? '';
  const numbers = (fields.match(/[+-]?\d+/g) ?? []).map((digits) => saturated(Number(digits)));
  const [dataSize = 0, dataOffset, recipientCount, queueManagerFlags, contentLength, sendOptions] = numbers;
  return {
    fieldCount: numbers.length,
    dataSize,
    dataOffset,
    recipientCount,
    queueManagerFlags,
    contentLength,
    sendOptions,
  };
}

/** Writes the payload as cleanup(8) does: as many fields of 15 characters as are known. */
export function formatSizeRecord(size: Omit<SizeRecord, 'fieldCount'>): string {
  const { dataSize, dataOffset, recipientCount, queueManagerFlags, contentLength, sendOptions } = size;
  const fields = [dataSize, dataOffset, recipientCount, queueManagerFlags, contentLength, sendOptions];
  const known = fields.slice(0, fields.includes(undefined) ? fields.indexOf(undefined) : fields.length);
  return known.map((field) => String(field).padStart(FIELD_WIDTH)).join(' ');
}

/** Whether qmgr(8) takes the record (qmgr_message_read). With one field it looks for the message by itself. */
export function isValidSizeRecord(size: SizeRecord): boolean {
  if (size.fieldCount === 1) {
    return true;
  }
  const { dataOffset, queueManagerFlags = 0, contentLength = 0 } = size;
  return (
    size.fieldCount >= 3 &&
    dataOffset !== undefined &&
    dataOffset > 0 &&
    size.dataSize > 0 &&
    (queueManagerFlags & ~KNOWN_FLAGS) === 0 &&
    contentLength >= 0
  );
}

/** The size that postqueue(1) shows (showq.c), or `undefined` where it takes the file's size instead. */
export function shownMessageSize(payload: string): number | undefined {
  const text = cString(payload);
  const size = leadingNumber(text);
  return /^[\d ]*$/.test(text) && size >= 0 ? size : undefined;
}
