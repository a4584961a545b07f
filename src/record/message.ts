import type { ByteSource } from './byte-source.ts';
import { RECORD_TYPE } from './record-type.ts';
import { type WalkedRecord, walkRecords } from './record-walk.ts';

const LINE_FEED = Uint8Array.of(0x0a);
const PIECE_SIZE = 64 * 1024;

/**
 * The message itself, header and body, in pieces of about 64 KiB: each N record is a line or the end of one, each L
 * record a part of a line that the next record goes on with. Ends with the message, or where its records end.
 */
export function* messageContent(source: ByteSource): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const part of contentParts(source)) {
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

function* contentParts(source: ByteSource): Generator<Uint8Array> {
  for (const record of contentRecords(source)) {
    const end = record.payloadOffset + record.payloadLength;
    for (let offset = record.payloadOffset; offset < end; offset += PIECE_SIZE) {
      yield Uint8Array.from(source.read(offset, Math.min(PIECE_SIZE, end - offset)));
    }
    if (record.type === RECORD_TYPE.normal) {
      yield LINE_FEED;
    }
  }
}

function* contentRecords(source: ByteSource): Generator<WalkedRecord> {
  let started = false;
  for (const record of walkRecords(source)) {
    if (record.type === RECORD_TYPE.extracted) {
      return;
    }
    if (started && (record.type === RECORD_TYPE.normal || record.type === RECORD_TYPE.long)) {
      yield record;
    }
    started ||= record.type === RECORD_TYPE.message;
  }
}
