/**
 * One queue file record: a type byte, the payload's length in groups of seven bits, lowest first, with bit 7 set while
 * more follow, then the payload. Authority: record.c (rec_put, rec_get_raw).
 */

export interface RecordHeader {
  /** A value of RECORD_TYPE, or any other byte. */
  readonly type: number;
  /** Bytes of type and length. */
  readonly headerLength: number;
  /** Bytes of payload. */
  readonly payloadLength: number;
}

/** Why there is no header: the bytes end, or the length does not ("too many length bits"). */
export type RecordHeaderFault = 'cut' | 'overlong';

/** A header has a type and at most four length bytes: rec_get_raw() refuses what may not fit into an `int`. */
export const MAXIMUM_HEADER_LENGTH = 5;

const MORE_FOLLOWS = 0x80;
const GROUP_BITS = 7;
const GROUP_MASK = 0x7f;

/** Writes a record as rec_put() does. */
export function encodeRecord(type: number, payload: Uint8Array): Uint8Array {
  const header = [type];
  let rest = payload.length;
  do {
    const group = rest & GROUP_MASK;
    rest >>>= GROUP_BITS;
    header.push(rest > 0 ? group | MORE_FOLLOWS : group);
  } while (rest > 0);
  const record = new Uint8Array(header.length + payload.length);
  record.set(header);
  record.set(payload, header.length);
  return record;
}

/** Reads the type and length of the record at an offset. Does not look at the payload, which may be cut. */
export function decodeRecordHeader(bytes: Uint8Array, offset: number): RecordHeader | RecordHeaderFault {
  const type = bytes[offset];
  if (type === undefined) {
    return 'cut';
  }
  let payloadLength = 0;
  for (let at = 1; at < MAXIMUM_HEADER_LENGTH; at += 1) {
    const group = bytes[offset + at];
    if (group === undefined) {
      return 'cut';
    }
    payloadLength |= (group & GROUP_MASK) << (GROUP_BITS * (at - 1));
    if (group < MORE_FOLLOWS) {
      return { type, headerLength: at + 1, payloadLength };
    }
  }
  return 'overlong';
}
