/** The records of a queue file in the order in which Postfix reads them. */

import type { ByteSource } from '../byte-source.ts';
import { RecordCursor } from './record-cursor.ts';
import type { RecordFault } from './record-fault.ts';
import { RECORD_TYPE } from './record-type.ts';

export interface WalkedRecord {
  /** Of the type byte, in bytes from the start of the file. */
  readonly offset: number;
  readonly type: number;
  readonly payloadOffset: number;
  readonly payloadLength: number;
}

/**
 * The records of a queue file in the order in which rec_get() gives them: pointer records are followed, padding is
 * passed over. Ends behind the end record, at the end of the file or at the first record that can't be read; never
 * loops, never throws, and reads no payload.
 *
 * @returns the fault that cut the walk off, if there was one.
 */
export function* walkRecords(source: ByteSource): Generator<WalkedRecord, RecordFault | undefined> {
  const cursor = new RecordCursor(source);
  while (cursor.advance()) {
    if (cursor.type !== RECORD_TYPE.padding) {
      const { offset, type, payloadOffset, payloadLength } = cursor;
      yield { offset, type, payloadOffset, payloadLength };
    }
  }
  return cursor.fault;
}
