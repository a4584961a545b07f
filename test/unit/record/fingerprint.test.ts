import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { Fingerprint, fingerprintOf } from '../../../src/record/fingerprint.ts';
import { ENVELOPE, type LetterRecord, maildropFile, queueFile } from '../../support/queue/queue-file-builder.ts';
import { queueFileFixture, queueFileFixtures, readFixture } from '../../support/queue/queue-file-fixtures.ts';

function fingerprint(bytes: Uint8Array): string {
  const source = bytesSource(bytes);
  return fingerprintOf(source, examineQueueFile(source, 'deferred').mutableBytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const FULL: readonly LetterRecord[] = [...ENVELOPE, ['A', 'trace_flags=1024'], ['W', '     1700003600']];

function changed(records: readonly LetterRecord[], from: LetterRecord, to: LetterRecord): Buffer {
  return queueFile({
    envelope: records.map((record) => (record[0] === from[0] && record[1] === from[1] ? to : record)),
  });
}

describe('the fingerprint', () => {
  it('is the sha256 of a file that nobody has touched, but for the time of its delay warning', () => {
    expect(fingerprint(queueFile())).toBe(sha256(queueFile()));
    const blank = changed(FULL, ['W', '     1700003600'], ['W', ' '.repeat(15)]);
    expect(fingerprint(queueFile({ envelope: FULL }))).toBe(sha256(blank));
  });

  it.each<[string, LetterRecord, LetterRecord]>([
    ['a delivery', ['R', 'bob@example.com'], ['D', 'bob@example.com']],
    ['a trace report', ['A', 'trace_flags=1024'], ['K', 'trace_flags=1024']],
    ['a delay warning', ['W', '     1700003600'], ['W', '             -1']],
  ])('outlives %s', (_, from, to) => {
    const after = changed(FULL, from, to);
    expect(after).not.toEqual(queueFile({ envelope: FULL }));
    expect(fingerprint(after)).toBe(fingerprint(queueFile({ envelope: FULL })));
  });

  it.each<[string, LetterRecord, LetterRecord]>([
    ['another recipient', ['R', 'bob@example.com'], ['R', 'bob@example.org']],
    ['a canceled recipient', ['R', 'bob@example.com'], ['/', 'bob@example.com']],
    ['another killed attribute', ['A', 'rewrite_context=local'], ['K', 'rewrite_context=local']],
    ['other trace flags', ['A', 'trace_flags=1024'], ['A', 'trace_flags=1025']],
    ['a recipient in place of the trace flags', ['A', 'trace_flags=1024'], ['R', 'trace_flags=1024']],
    ['another sender', ['S', 'alice@example.com'], ['S', 'alice@example.org']],
  ])('sees %s', (_, from, to) => {
    expect(fingerprint(changed(FULL, from, to))).not.toBe(fingerprint(queueFile({ envelope: FULL })));
  });

  it('takes nothing in the message for a recipient', () => {
    const content = (letter: string): Buffer => queueFile({ content: [['N', `${letter}\x03bob`]] });
    expect(fingerprint(content('R'))).not.toBe(fingerprint(content('D')));
  });

  it('is the same in every queue', () => {
    const source = bytesSource(maildropFile({ envelope: [...FULL, ['L', 'x'.repeat(3000)]] }));
    const [inMaildrop, inDeferred] = (['maildrop', 'deferred'] as const).map((name) => [
      ...examineQueueFile(source, name).mutableBytes,
    ]);
    expect(inMaildrop?.length).toBeGreaterThan(0);
    expect(inMaildrop).toEqual(inDeferred);
  });

  it('follows pointer records to recipients at the end of the file', () => {
    const bytes = readFixture(queueFileFixture('milter-envelope').queue_file.file);
    const appended = bytes.indexOf('R\x15added-too@example.net');
    expect(appended).toBeGreaterThan(bytes.indexOf('E\0'));
    const delivered = Buffer.from(bytes);
    delivered[appended] = 0x44;
    expect(fingerprint(delivered)).toBe(fingerprint(bytes));
  });

  it.each(queueFileFixtures())('$name: is the same when the file comes in pieces', ({ queue_file }) => {
    const bytes = readFixture(queue_file.file);
    const { mutableBytes } = examineQueueFile(bytesSource(bytes), 'deferred');
    for (const size of [1, 7, 1000]) {
      const inPieces = new Fingerprint(mutableBytes);
      for (let offset = 0; offset < bytes.length; offset += size) {
        inPieces.update(bytes.subarray(offset, offset + size));
      }
      expect(inPieces.digest()).toBe(fingerprint(bytes));
    }
  });

  it('leaves the bytes that it is given alone', () => {
    const bytes = changed(FULL, ['R', 'bob@example.com'], ['D', 'bob@example.com']);
    const copy = Buffer.from(bytes);
    fingerprint(bytes);
    expect(bytes).toEqual(copy);
  });
});

describe('forced expiry, hold and requeue', () => {
  it('hold and forced expiry leave the file alone', () => {
    const held = readFixture(queueFileFixture('hold').queue_file.file);
    expect(fingerprint(readFixture(queueFileFixture('hold-forced-expire').queue_file.file))).toBe(fingerprint(held));
  });
});
