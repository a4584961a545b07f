/** When a message arrived: the T record, which stays when pickup(8) or `postsuper -r` write a new file. */

import { join } from 'node:path';
import type { ByteSource } from '../byte-source.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { RecordTime } from '../record/record-text.ts';
import { scanTime } from '../record/record-text.ts';
import { RECORD_TYPE } from '../record/record-type.ts';
import { walkRecords } from '../record/record-walk.ts';
import { locate, type Sighting } from '../spool/locate.ts';
import { describe, openIfThere } from '../spool/read-file.ts';
import { reasonOf } from '../spool/reason.ts';
import type { Spool } from '../spool/spool.ts';

const MICROSECONDS = 1_000_000;

/** Microseconds since the epoch. */
export function arrivalMicroseconds(arrival: RecordTime | undefined): number | undefined {
  return arrival === undefined ? undefined : arrival.seconds * MICROSECONDS + arrival.microseconds;
}

/** The arrival of the file that has a queue ID now, in microseconds since the epoch; undefined if there is no such file. */
export function currentArrival(spool: Spool, sighting: Sighting): number | undefined {
  const { fs, queueDirectory } = spool;
  const read = (path: string): { arrival: number | undefined } | undefined => {
    const fd = openIfThere(fs, join(queueDirectory, path));
    if (fd === undefined) {
      return undefined;
    }
    try {
      const { status } = describe(spool, { fd, path });
      return { arrival: arrivalMicroseconds(firstTime(new DescriptorSource(fs, fd, status.size))) };
    } finally {
      fs.close(fd);
    }
  };
  const look = (path: string): { arrival: number | undefined } | undefined => {
    try {
      return read(path);
    } catch (error) {
      // It is there, and nothing is known of it: whoever reads it all will be told why.
      reasonOf(error);
      return { arrival: undefined };
    }
  };
  return locate(spool, sighting, { look, rounds: 1 })?.arrival;
}

/** The first T record of the envelope: what is behind the message need not be read. */
function firstTime(bytes: ByteSource): RecordTime | undefined {
  for (const { type, payloadOffset, payloadLength } of walkRecords(bytes)) {
    if (type === RECORD_TYPE.time) {
      return scanTime(Buffer.from(bytes.read(payloadOffset, payloadLength)).toString('latin1'));
    }
    if (type === RECORD_TYPE.message) {
      return undefined;
    }
  }
  return undefined;
}
