import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import { decodeRecordHeader, encodeRecord } from '../../../src/record/record.ts';
import { scanTime, splitNameValue } from '../../../src/record/record-text.ts';
import { walkRecords } from '../../../src/record/record-walk.ts';
import { formatSizeRecord, parseSizeRecord } from '../../../src/record/size-record.ts';
import { recordsOf } from '../../support/queue/queue-file-builder.ts';

describe('encodeRecord', () => {
  it.each([
    [0, [0x00]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 0x01]],
    [2_097_152, [0x80, 0x80, 0x80, 0x01]],
  ])('writes a length of %d in groups of seven bits, lowest first', (length, bytes) => {
    const record = encodeRecord(0x4e, new Uint8Array(length));
    expect([...record.subarray(0, bytes.length + 1)]).toEqual([0x4e, ...bytes]);
    expect(record).toHaveLength(1 + bytes.length + length);
  });
});

describe('decodeRecordHeader', () => {
  it.each([
    [[], 'cut'],
    [[0x4e], 'cut'],
    [[0x4e, 0x80], 'cut'],
    [[0x4e, 0x80, 0x80, 0x80, 0x80], 'overlong'],
    [[0x4e, 0xff, 0xff, 0xff, 0x7f], { type: 0x4e, headerLength: 5, payloadLength: 2 ** 28 - 1 }],
    [[0x4e, 0x85, 0x00], { type: 0x4e, headerLength: 3, payloadLength: 5 }],
  ])('%j', (bytes, header) => {
    expect(decodeRecordHeader(Uint8Array.from(bytes), 0)).toEqual(header);
  });
});

describe('walkRecords', () => {
  it('gives the fault that ends it', () => {
    const walk = walkRecords(bytesSource(recordsOf([['T', '1']])));
    expect(walk.next()).toEqual({ done: false, value: { offset: 0, type: 0x54, payloadOffset: 2, payloadLength: 1 } });
    expect(walk.next()).toEqual({ done: true, value: { kind: 'missing-end', offset: 3 } });
  });

  it('passes over padding and dummy pointers, and ends at the end record', () => {
    const bytes = recordsOf([['w', '0'], ['p', '0'], ['N', 'x'], ['E'], ['N', 'y']]);
    expect([...walkRecords(bytesSource(bytes))].map(({ type }) => String.fromCharCode(type))).toEqual(['N', 'E']);
  });
});

describe('the size record', () => {
  const fields = {
    dataSize: 367,
    dataOffset: 669,
    recipientCount: 1,
    queueManagerFlags: 0,
    contentLength: 350,
    sendOptions: 2,
  };

  it('is written as REC_TYPE_SIZE_FORMAT has it', () => {
    expect(formatSizeRecord(fields)).toBe(
      '            367             669               1               0             350               2',
    );
  });

  it.each([1, 2, 3, 4, 5, 6])('of %d fields is read', (count) => {
    const payload = formatSizeRecord(fields).slice(0, count * 16 - 1);
    const size = parseSizeRecord(payload);
    expect(size.fieldCount).toBe(count);
    expect(formatSizeRecord(size)).toBe(payload);
  });

  it.each([
    ['12x 34', 1],
    ['12 34x 56', 2],
    ['x', 0],
    ['1-2+3', 3],
    ['1 2 3\0 4', 3],
    ['1 2 3 4 5 6 7', 6],
  ])('%j has %d fields for sscanf()', (payload, count) => {
    expect(parseSizeRecord(payload).fieldCount).toBe(count);
  });
});

describe('payloads', () => {
  it.each([
    ['1700000000 123456', 1_700_000_000, 123_456],
    ['1700000000', 1_700_000_000, 0],
    ['', 0, 0],
    ['x', 0, 0],
    ['12\0 34', 12, 0],
  ])('the time %j', (payload, seconds, microseconds) => {
    expect(scanTime(payload)).toEqual({ seconds, microseconds });
  });

  it.each([
    ['a=b', 'a', 'b'],
    [' a \t= b c \n', 'a', 'b c'],
    ['a==b', 'a', '=b'],
    ['a=', 'a', ''],
    ['a=b\0c', 'a', 'b'],
    ['a=\xa0', 'a', '\xa0'], // no white space to ISSPACE()
  ])('the attribute %j', (payload, name, value) => {
    expect(splitNameValue(payload)).toEqual({ name, value });
  });
});
