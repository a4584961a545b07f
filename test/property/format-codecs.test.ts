import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntryHeader, encodeEntryHeader } from '../../src/archive/tar-entry.ts';
import { outlineFrame } from '../../src/archive/zstd/zstd-frame.ts';
import { ArchiveError } from '../../src/errors.ts';
import {
  type CatalogueDraft,
  completeCatalogueLine,
  decodeCatalogueLine,
  encodeCatalogueDraft,
} from '../../src/format/catalogue-line.ts';
import { formatEntryName, parseEntryName } from '../../src/format/entry-name.ts';
import type { FileMetadata } from '../../src/format/file-metadata.ts';
import { decodeHeader } from '../../src/format/header.ts';
import { FILE_MAXIMUM, TIME_MAXIMUM } from '../../src/format/limits.ts';
import { decodePaxRecords, encodePaxRecord } from '../../src/format/pax-record.ts';
import { decodeSeal } from '../../src/format/seal.ts';
import { decodeSeekTable, encodeSeekTable } from '../../src/format/seek-table.ts';
import { formatTimestamp, parseTimestamp } from '../../src/format/timestamp.ts';
import { formatLongQueueId, formatShortQueueId } from '../../src/queue/queue-id.ts';
import { LOG_QUEUES, MESSAGE_QUEUES, QUEUES } from '../../src/queue/queue-name.ts';
import { runs } from './runs.ts';

const microseconds = fc.nat(999_999);
const inode = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const queueId = fc.oneof(
  fc.record({ microseconds, inode }).map(formatShortQueueId),
  fc.record({ seconds: fc.nat(4_000_000_000), microseconds, inode }).map(formatLongQueueId),
);
const entryName = fc.record({
  kind: fc.constant('file' as const),
  queueName: fc.constantFrom(...QUEUES.map(({ name }) => name)),
  id: queueId,
  depth: fc.nat(16),
});
const sha256 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const timeNs = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((time) => BigInt.asIntN(63, time));
const accountName = fc.option(
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((name) => !name.includes('\0')),
  { nil: undefined },
);
const metadata: fc.Arbitrary<FileMetadata> = fc
  .record({
    mode: fc.nat(0o7777),
    uid: fc.nat(0xffff_ffff),
    gid: fc.nat(0xffff_ffff),
    uname: accountName,
    gname: accountName,
    mtimeNs: timeNs,
    atimeNs: timeNs,
    inode,
    sha256,
    size: fc.maxSafeNat(),
  })
  .map(({ uname, gname, ...rest }) => ({
    ...rest,
    ...(uname === undefined ? {} : { uname }),
    ...(gname === undefined ? {} : { gname }),
  }));

test('names of entries come back', () => {
  fc.assert(
    fc.property(entryName, (name) => {
      expect(parseEntryName(formatEntryName(name))).toEqual(name);
    }),
  );
});

test('a text is either refused as a name or the only spelling of it', () => {
  const segment = fc.constantFrom('queue', 'deferred', 'A', '..', '.', '', 'A000010001', 'catalogue', '000001.jsonl');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(segment).map((parts) => parts.join('/')),
      ),
      (text) => {
        try {
          expect(formatEntryName(parseEntryName(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ArchiveError);
        }
      },
    ),
  );
});

test('headers of entries come back, and only from their own bytes', () => {
  const description = fc.record({ name: entryName.map(formatEntryName), snapshotId: fc.uuid(), metadata });
  const change = fc.record({ place: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(description, change, (entry, { place, bits }) => {
      const bytes = encodeEntryHeader(entry);
      expect(decodeEntryHeader(bytes, 0)).toEqual({ entry, length: bytes.length });
      const altered = Uint8Array.from(bytes);
      const at = place % bytes.length;
      altered[at] = (altered[at] ?? 0) ^ bits;
      expect(() => decodeEntryHeader(altered, 0)).toThrow(ArchiveError);
    }),
  );
});

test('pax records come back', () => {
  const keyword = fc.stringMatching(/^[a-zA-Z.]{1,20}$/);
  const value = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(fc.array(fc.tuple(keyword, value)), (records) => {
      expect(decodePaxRecords(Buffer.from(records.map(encodePaxRecord).join('')))).toEqual(records);
    }),
  );
});

test('times come back', () => {
  fc.assert(
    fc.property(timeNs, (time) => {
      expect(parseTimestamp(formatTimestamp(time))).toBe(time);
    }),
  );
});

const text = fc.string({ unit: 'grapheme' });
const file = {
  queue_id: queueId.map((id) => id.text),
  file_size: fc.maxSafeNat().map((size) => size % (FILE_MAXIMUM + 1)),
  sha256,
  mode: fc.nat(0o7777),
  uid: fc.nat(0xffff_ffff),
  mtime: timeNs.map(String),
};
const draft: fc.Arbitrary<CatalogueDraft> = fc.oneof(
  fc.record({ kind: fc.constant('log' as const), queue_name: fc.constantFrom(...LOG_QUEUES), ...file }),
  fc.record({
    kind: fc.constant('message' as const),
    queue_name: fc.constantFrom(...MESSAGE_QUEUES),
    ...file,
    fingerprint: sha256,
    submission: sha256,
    arrival_time: fc.maxSafeInteger().map((time) => time % (TIME_MAXIMUM + 1)),
    message_size: fc.maxSafeNat(),
    forced_expire: fc.boolean(),
    sender: text,
    recipients: fc.array(fc.record({ address: text, delay_reason: text }, { requiredKeys: ['address'] })),
    logs: fc.subarray([...LOG_QUEUES]),
    pending: fc.boolean(),
  }),
);

test('lines of the catalogue come back, each in one line', () => {
  fc.assert(
    fc.property(draft, fc.nat(), fc.constantFrom('queued' as const, 'left' as const), (content, frame, state) => {
      const placement = content.kind === 'message' ? { frame, state } : { frame };
      const line = completeCatalogueLine(encodeCatalogueDraft(content), placement);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(line).not.toContain('\t');
      expect(decodeCatalogueLine(line.trimEnd())).toEqual({ ...content, ...placement });
    }),
  );
});

test('seek tables come back', () => {
  const sizes = fc.record({ compressedSize: fc.integer({ min: 8, max: 4_259_840 }), size: fc.nat(4_194_304) });
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1 }), (frames) => {
      const table = encodeSeekTable(frames, frames.length);
      const total = frames.reduce((sum, frame) => sum + frame.compressedSize, 0);
      const decoded = decodeSeekTable(table, total + table.length);
      expect(frames.map((_, frame) => decoded.at(frame))).toMatchObject(frames);
    }),
  );
});

test('no bytes make a decoder throw anything but an ArchiveError', () => {
  const decoders: readonly ((bytes: Uint8Array) => unknown)[] = [
    (bytes) => decodeHeader(bytes),
    (bytes) => decodeSeal(bytes),
    (bytes) => decodeCatalogueLine(Buffer.from(bytes).toString()),
    (bytes) => decodeSeekTable(bytes, bytes.length),
    (bytes) => decodeEntryHeader(bytes, 0),
    (bytes) => decodePaxRecords(Buffer.from(bytes)),
    (bytes) => outlineFrame(bytes),
  ];
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.json().map((json) => Buffer.from(json)),
    fc.uint8Array().map((rest) => Buffer.concat([magic, rest])),
    fc.constant(new Uint8Array(0)),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom(...decoders), (content, decode) => {
      try {
        decode(content);
      } catch (error) {
        expect(error).toBeInstanceOf(ArchiveError);
      }
    }),
    { numRuns: runs(2000) },
  );
});
