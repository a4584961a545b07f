import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/byte-source.ts';
import { MESSAGE_QUEUES } from '../../src/queue/queue-name.ts';
import { messageContent } from '../../src/record/content.ts';
import { examineQueueFile } from '../../src/record/examine.ts';
import { fingerprintOf } from '../../src/record/fingerprint.ts';
import { printableAddress } from '../../src/record/printable-address.ts';
import { decodeRecordHeader, encodeRecord } from '../../src/record/record.ts';
import { describeFault } from '../../src/record/record-fault.ts';
import { walkRecords } from '../../src/record/record-walk.ts';
import { queueFileFixtures, readFixture } from '../support/queue/queue-file-fixtures.ts';
import { runs } from './runs.ts';

const FILES = queueFileFixtures().map(({ queue_file }) => readFixture(queue_file.file));
const SMALL_FILES = FILES.filter(({ length }) => length < 10_000);

const queueName = fc.constantFrom(...MESSAGE_QUEUES);
const realFile = fc.constantFrom(...SMALL_FILES);

/** Bytes that look like records: types that mean something, pointers to places in the file. */
const recordLike = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom(...Buffer.from('CTcFILSDRO/WVA>K<ionMXLNwEPrep\0')), fc.uint8Array({ maxLength: 40 })),
      fc.tuple(
        fc.constant(0x70),
        fc.integer({ min: 0, max: 400 }).map((target) => Buffer.from(String(target).padStart(15))),
      ),
    ),
    { maxLength: 40 },
  )
  .map((records) => Buffer.concat(records.map(([type, payload]) => encodeRecord(type, payload))));

function fingerprint(bytes: Uint8Array): string {
  const source = bytesSource(bytes);
  return fingerprintOf(source, examineQueueFile(source, 'deferred').mutableBytes);
}

function examineAll(bytes: Uint8Array, name: (typeof MESSAGE_QUEUES)[number]): void {
  const source = bytesSource(bytes);
  const { envelope, faults, mutableBytes } = examineQueueFile(source, name);
  expect(faults.every((fault) => describeFault(fault) !== '')).toBe(true);
  expect(envelope.recipients.map(({ address }) => printableAddress(address))).not.toContain('');
  for (const { offset, length } of mutableBytes) {
    expect(offset + length).toBeLessThanOrEqual(bytes.length);
  }
  expect(fingerprintOf(source, mutableBytes)).toMatch(/^[\da-f]{64}$/);
  expect(Buffer.concat([...messageContent(source)]).length).toBeLessThanOrEqual(bytes.length);
}

describe('records', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 20_000 }), (type, payload) => {
        const record = encodeRecord(type, payload);
        const header = decodeRecordHeader(record, 0);
        expect(header).toEqual({ type, headerLength: record.length - payload.length, payloadLength: payload.length });
        expect(record.subarray(record.length - payload.length)).toEqual(payload);
      }),
    );
  });
});

describe('the walk', () => {
  it.each([
    ['any bytes', fc.uint8Array({ maxLength: 2000 })],
    ['anything like records', recordLike],
  ])('ends on %s, and reads no byte twice', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (bytes) => {
        let visited = 0;
        for (const { payloadOffset, payloadLength, offset } of walkRecords(bytesSource(bytes))) {
          visited += payloadOffset + payloadLength - offset;
        }
        expect(visited).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe('the examination', () => {
  it.each([
    ['any bytes', fc.uint8Array({ maxLength: 2000 })],
    ['anything like records', recordLike],
  ])('throws on nothing: %s', (_, arbitrary) => {
    fc.assert(fc.property(arbitrary, queueName, examineAll), { numRuns: runs(2000) });
  });

  it('throws on no real file with bytes changed, left out or added', () => {
    const edit = fc.record({ at: fc.nat(10_000), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
    fc.assert(
      fc.property(realFile, fc.array(edit, { minLength: 1, maxLength: 5 }), queueName, (file, edits, name) => {
        let bytes: Buffer = file;
        for (const { at, remove, insert } of edits) {
          const from = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
        }
        examineAll(bytes, name);
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe('the fingerprint', () => {
  it('outlives any change of the bytes that Postfix rewrites', () => {
    fc.assert(
      fc.property(realFile, fc.infiniteStream(fc.nat(9)), (file, digits) => {
        const { mutableBytes } = examineQueueFile(bytesSource(file), 'deferred');
        const bytes = Buffer.from(file);
        for (const { offset, length, standIn } of mutableBytes) {
          const digit = digits.next().value ?? 0;
          if (standIn === 0x20) {
            bytes.fill(0x30 + digit, offset, offset + length);
          } else {
            const rewritten = standIn === 0x52 ? 0x44 : 0x4b;
            bytes[offset] = digit % 2 === 0 ? standIn : rewritten;
          }
        }
        expect(fingerprint(bytes)).toBe(fingerprint(file));
      }),
    );
  });

  it('changes with any other byte', () => {
    fc.assert(
      fc.property(realFile, fc.nat(), fc.integer({ min: 1, max: 255 }), (file, place, difference) => {
        const { mutableBytes } = examineQueueFile(bytesSource(file), 'deferred');
        const at = place % file.length;
        fc.pre(![...mutableBytes].some(({ offset, length }) => at >= offset && at < offset + length));
        const bytes = Buffer.from(file);
        bytes[at] = (file[at] ?? 0) ^ difference;
        expect(fingerprint(bytes)).not.toBe(fingerprint(file));
      }),
      { numRuns: runs(3000) },
    );
  });

  it('changes when a rewritten byte becomes what Postfix never writes', () => {
    fc.assert(
      fc.property(realFile, fc.nat(), fc.integer({ min: 0, max: 255 }), (file, which, value) => {
        const { mutableBytes } = examineQueueFile(bytesSource(file), 'deferred');
        const types = [...mutableBytes].filter(({ standIn }) => standIn !== 0x20);
        const place = types[which % Math.max(1, types.length)];
        fc.pre(place !== undefined && !(place.standIn === 0x52 ? 'RD' : 'AK').includes(String.fromCharCode(value)));
        const bytes = Buffer.from(file);
        bytes[place.offset] = value;
        expect(fingerprint(bytes)).not.toBe(fingerprint(file));
      }),
      { numRuns: runs(2000) },
    );
  });
});
