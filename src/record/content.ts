/** The message in a queue file (RFC 5322), without its envelope. */

import type { ByteSource } from '../byte-source.ts';
import { RecordCursor } from './record-cursor.ts';
import { RECORD_TYPE } from './record-type.ts';

const LINE_FEED = Uint8Array.of(0x0a);
const PIECE_SIZE = 64 * 1024;

/**
 * The message itself, header and body, in pieces of about 64 KiB: each N record is a line or the end of one, each L
 * record a part of a line that the next record goes on with. Ends with the message, or where its records end.
 */
export function* messageContent(source: ByteSource): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const part of contentParts(new RecordCursor(source))) {
    parts.push(part);
    length += part.length;
    if (length >= PIECE_SIZE) {
      yield Buffer.concat(parts);
      parts = [];
      length = 0;
    }
  }
  if (length > 0) {
    yield Buffer.concat(parts);
  }
}

function* contentParts(cursor: RecordCursor): Generator<Uint8Array> {
  let started = false;
  while (cursor.advance() && cursor.type !== RECORD_TYPE.extracted) {
    if (started && (cursor.type === RECORD_TYPE.normal || cursor.type === RECORD_TYPE.long)) {
      yield* payloadParts(cursor);
    }
    started ||= cursor.type === RECORD_TYPE.message;
  }
}

function* payloadParts(cursor: RecordCursor): Generator<Uint8Array> {
  for (let from = 0; from < cursor.payloadLength; from += PIECE_SIZE) {
    yield cursor.payload(from, PIECE_SIZE);
  }
  if (cursor.type === RECORD_TYPE.normal) {
    yield LINE_FEED;
  }
}
