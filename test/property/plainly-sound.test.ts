/** The short look at a queue file says yes only where the whole examination finds no fault. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/byte-source.ts';
import { examineQueueFile } from '../../src/record/examine.ts';
import { isPlainlySound } from '../../src/record/plainly-sound.ts';
import { encodeRecord } from '../../src/record/record.ts';
import { queueFile } from '../support/queue/queue-file-builder.ts';
import { queueFileFixtures, readFixture } from '../support/queue/queue-file-fixtures.ts';
import { runs } from './runs.ts';

const FIXTURES = queueFileFixtures().filter(({ queue_name }) => queue_name !== 'maildrop');
const FILES = FIXTURES.map(({ queue_file }) => readFixture(queue_file.file)).filter(({ length }) => length < 10_000);

function isPlain(bytes: Uint8Array): boolean {
  return isPlainlySound(bytes, bytes.length);
}

function isSound(bytes: Uint8Array): boolean {
  return examineQueueFile(bytesSource(bytes), 'deferred').faults.length === 0;
}

/** Of so many files, how many are plainly sound: a look that never says yes would be of no use. */
function tallyOf(
  arbitrary: fc.Arbitrary<Uint8Array>,
  numRuns: number,
): { readonly yes: number; readonly sound: number } {
  const tally = { yes: 0, sound: 0 };
  fc.assert(
    fc.property(arbitrary, (bytes) => {
      const [plain, sound] = [isPlain(bytes), isSound(bytes)];
      tally.yes += plain ? 1 : 0;
      tally.sound += sound ? 1 : 0;
      expect(plain && !sound).toBe(false);
    }),
    { numRuns: runs(numRuns) },
  );
  return tally;
}

/** Bytes that mean something in a record: line ends, equals signs, digits, letters of types, length bytes. */
const meaningful = fc.constantFrom(...Buffer.from('\0\r\n= 019ACDEKLMNRSTWXpw\x7f\x80\x81\xff', 'latin1'));

const edited = fc
  .tuple(
    fc.constantFrom(...FILES),
    fc.array(
      fc.record({
        at: fc.oneof(fc.nat(10_000), fc.nat(120)),
        remove: fc.nat(2),
        insert: fc.array(fc.oneof(meaningful, fc.nat(255)), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([file, edits]) =>
    edits.reduce<Buffer>((bytes, { at, remove, insert }) => {
      const from = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), Buffer.from(insert), bytes.subarray(from + remove)]);
    }, file),
  );

/** One byte replaced: lengths and offsets stay as they were. */
const altered = fc
  .tuple(fc.constantFrom(...FILES), fc.oneof(fc.nat(10_000), fc.nat(300)), fc.oneof(meaningful, fc.nat(255)))
  .map(([file, at, byte]) => {
    const bytes = Buffer.from(file);
    bytes[at % bytes.length] = byte;
    return bytes;
  });

const TYPES = Buffer.from('ATSRDOFIL>/KWconiVPre<wXENMCp');
const envelope = fc.array(
  fc.tuple(
    fc.constantFrom(...TYPES).map((type) => String.fromCharCode(type)),
    fc.oneof(
      fc.constantFrom('1700000000 5', '0 0', 'a=b', 'a b=c', '=b', 'create_time=0', 'x\ny', 'x=\0'),
      fc.string(),
    ),
  ),
  { maxLength: 6 },
);
const built = envelope.map((rows) =>
  queueFile({ envelope: [['T', '1700000000 1'], ['S', 'a@example.com'], ...rows, ['R', 'b@example.com']] }),
);

describe('the short look at a queue file', () => {
  it('knows nearly all files of a real Postfix', () => {
    const known = FILES.filter(isPlain);
    expect(known.every(isSound)).toBe(true);
    expect(known.length).toBeGreaterThan(FILES.filter(isSound).length * 0.5);
  });

  it.each([
    ['with bytes changed, left out or added', edited],
    ['with one byte changed', altered],
    ['with any records in the envelope', built],
  ])('never says yes where the examination finds a fault: real files %s', (_, arbitrary) => {
    const { yes, sound } = tallyOf(arbitrary, 5000);
    expect(yes).toBeGreaterThan(0);
    expect(yes).toBeLessThanOrEqual(sound);
  });

  it('never says yes of a file that was cut anywhere, or that goes on elsewhere', () => {
    const [file] = FILES.filter(isPlain);
    const bytes = file ?? Buffer.alloc(0);
    expect(isPlainlySound(bytes, bytes.length)).toBe(true);
    const cuts = Array.from({ length: bytes.length }, (_, length) => length);
    // What stands behind the file in memory is no part of it.
    expect(cuts.filter((length) => isPlainlySound(bytes, length))).toEqual([]);
  });

  it('says nothing of a record whose length takes more than three bytes', () => {
    const [file] = FILES.filter(isPlain);
    const end = Buffer.from(file ?? []).subarray(0, -2);
    const odd = Buffer.concat([end, Buffer.from([0x45, 0x80, 0x80, 0x80, 0x00])]);
    expect(isPlain(odd)).toBe(false);
    expect(isPlain(Buffer.concat([end, encodeRecord(0x45, Buffer.alloc(0))]))).toBe(true);
  });
});
