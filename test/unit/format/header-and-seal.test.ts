import { describe, expect, test } from 'vitest';
import { ArchiveError } from '../../../src/errors.ts';
import { decodeHeader, encodeHeader, type Header } from '../../../src/format/header.ts';
import { createIdFilter, isIdFilter, mayHoldId } from '../../../src/format/id-filter.ts';
import { decodeSeal, encodeSeal, type Seal } from '../../../src/format/seal.ts';

const HEADER: Header = {
  format: 1,
  snapshot_id: 'id',
  started: '2026-01-02T03:04:05Z',
  myhostname: 'mail.example.org',
  instance: 'postfix-out',
  mail_version: '3.7.11',
  queue_directory: '/var/spool/postfix',
  parameters: { hash_queue_depth: '1', __proto__x: 'y' },
  postsnap_version: '0.1.0',
};

const SEAL: Seal = {
  format: 1,
  snapshot_id: 'id',
  finished: '2026-01-02T03:04:06Z',
  settled: false,
  passes: 3,
  incomplete: 1,
  unreadable: 2,
  messages: 10,
  left: 1,
  logs: 5,
  malformed: 1,
  bytes: 12_345,
  by_queue: { deferred: { messages: 9, bytes: 9000 }, hold: { messages: 1, bytes: 345 } },
  header_sha256: '00'.repeat(32),
  frames: 4,
  catalogue: [
    { frame: 4, size: 1_050_000, lines: 10, sha256: '11'.repeat(32), idFilter: createIdFilter(['a', 'b']) },
    { frame: 5, size: 500, lines: 5, sha256: '22'.repeat(32), idFilter: createIdFilter([]) },
  ],
};

function altered(bytes: Uint8Array, change: Record<string, unknown>): Uint8Array {
  const members: unknown = JSON.parse(Buffer.from(bytes).toString());
  return Buffer.from(JSON.stringify({ ...(members as object), ...change }));
}

test('header and seal come back whole', () => {
  expect(decodeHeader(encodeHeader(HEADER))).toEqual(HEADER);
  const seal = decodeSeal(encodeSeal(SEAL));
  expect({ ...seal, catalogue: [] }).toEqual({ ...SEAL, catalogue: [] });
  expect(seal.catalogue.map((part) => ({ ...part, idFilter: [...part.idFilter] }))).toEqual(
    SEAL.catalogue.map((part) => ({ ...part, idFilter: [...part.idFilter] })),
  );
});

test('a seal that would be bigger than a reader takes has filters that find everything', () => {
  const ids = Array.from({ length: 2500 }, (_, index) => `ID${index}`);
  const big: Seal = { ...SEAL, catalogue: SEAL.catalogue.map((part) => ({ ...part, idFilter: createIdFilter(ids) })) };
  const whole = encodeSeal(big);
  expect(encodeSeal(big, whole.length)).toEqual(whole);
  const bounded = encodeSeal(big, whole.length - 1);
  expect(bounded.length).toBeLessThan(whole.length / 5);
  const parts = decodeSeal(bounded).catalogue;
  expect(parts.map(({ frame, lines }) => [frame, lines])).toEqual(
    SEAL.catalogue.map(({ frame, lines }) => [frame, lines]),
  );
  expect(parts.every((part) => mayHoldId(part.idFilter, 'whatever'))).toBe(true);
});

test('a header may not name its snapshot with more than 64 characters: journals and receipts keep that', () => {
  const named = (length: number) => ({ ...HEADER, snapshot_id: 'x'.repeat(length) });
  expect(decodeHeader(encodeHeader(named(64)))).toEqual(named(64));
  expect(() => decodeHeader(encodeHeader(named(65)))).toThrow(ArchiveError);
});

describe('an unknown version is told before anything else is looked at', () => {
  test.each([0, 2, 99])('%i', (format) => {
    const bytes = Buffer.from(JSON.stringify({ format }));
    for (const decode of [decodeHeader, decodeSeal]) {
      expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'unknown-version' }));
    }
  });

  test.each(['1', null, undefined, 1.5])('a version of %j is damage', (format) => {
    for (const decode of [decodeHeader, decodeSeal]) {
      expect(() => decode(Buffer.from(JSON.stringify({ format })))).toThrow(
        expect.objectContaining({ code: 'damaged' }),
      );
    }
  });
});

test.each(Object.keys(HEADER).filter((name) => name !== 'format'))('a header without %s is refused', (name) => {
  for (const value of [undefined, 7]) {
    expect(() => decodeHeader(altered(encodeHeader(HEADER), { [name]: value }))).toThrow(ArchiveError);
  }
});

test.each(Object.keys(SEAL).filter((name) => name !== 'format'))('a seal without %s is refused', (name) => {
  for (const value of [undefined, null, -1]) {
    expect(() => decodeSeal(altered(encodeSeal(SEAL), { [name]: value }))).toThrow(ArchiveError);
  }
});

test('a seal whose parts are out of order, or whose queues are none, is refused', () => {
  const [first, second] = SEAL.catalogue;
  for (const change of [
    { catalogue: second && first ? [second, first] : [] },
    { catalogue: first ? [{ ...first, frame: 3 }] : [] },
    { by_queue: { flush: { messages: 1, bytes: 1 } } as Seal['by_queue'] },
  ]) {
    expect(() => decodeSeal(encodeSeal({ ...SEAL, ...change }))).toThrow(ArchiveError);
  }
});

describe('the filter', () => {
  test('misses no ID that is in it, and few others come through', () => {
    const ids = Array.from({ length: 2500 }, (_, index) => `ID${index}`);
    const filter = createIdFilter(ids);
    expect(filter.length).toBe(4096);
    expect(ids.every((id) => mayHoldId(filter, id))).toBe(true);
    const others = Array.from({ length: 10_000 }, (_, index) => `other${index}`).filter((id) => mayHoldId(filter, id));
    expect(others.length).toBeLessThan(200);
  });

  test('of one ID is the same bytes for ever', () => {
    expect(Buffer.from(createIdFilter(['3F1A2C0FFEE'])).toString('hex')).toMatchInlineSnapshot(`"0400000202400142"`);
  });

  test('must have a length that it can have', () => {
    expect([0, 1, 4, 8, 9, 16, 24, 4096].filter((length) => isIdFilter(new Uint8Array(length)))).toEqual([8, 16, 4096]);
  });
});
