import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readContent } from '../../../src/backup/message-content.ts';
import { bytesSource } from '../../../src/byte-source.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { fingerprintOf } from '../../../src/record/fingerprint.ts';
import { encodeRecord } from '../../../src/record/record.ts';
import type { OpenQueueFile } from '../../../src/spool/read-file.ts';

const SMALL = 1000;
const PIECE_SIZE = 1_000_000;

function record(type: string, payload: string): Uint8Array {
  return encodeRecord(type.charCodeAt(0), Buffer.from(payload));
}

/** A queue file whose recipients are behind a body of more than two pieces. */
function queueFile(): Buffer {
  const line = record('N', 'x'.repeat(1500));
  return Buffer.concat([
    record('T', '1700000000 5'),
    record('S', 'alice@example.com'),
    record('M', ''),
    ...Array.from({ length: 1600 }, () => line),
    record('X', ''),
    record('R', 'bob@example.org'),
    record('R', 'carol@example.org'),
    record('E', ''),
  ]);
}

function openFile(bytes: Buffer, onRead: (offset: number) => void = () => {}): OpenQueueFile {
  const read = (offset: number, length: number): Uint8Array => {
    onRead(offset);
    return new Uint8Array(bytes.subarray(offset, offset + length));
  };
  return {
    queueName: 'active',
    path: 'active/000001',
    status: { size: bytes.length } as OpenQueueFile['status'],
    read,
    *pieces() {
      for (let offset = 0; offset < bytes.length; offset += PIECE_SIZE) {
        yield read(offset, PIECE_SIZE);
      }
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('a small file is read once', () => {
  const bytes = queueFile();
  let reads = 0;
  const content = readContent(
    openFile(bytes, () => {
      reads += 1;
    }),
    { queueName: 'active' },
  );
  expect(reads).toBe(1);
  expect(content).toMatchObject({ size: bytes.length, sha256: sha256(bytes) });
  expect(sha256(content.content as Uint8Array)).toBe(content.sha256);
});

test('a big file has the digests and the bytes of one moment, though recipients are finished while it is read', () => {
  const bytes = queueFile();
  const before = Buffer.from(bytes);
  const content = readContent(openFile(bytes), { queueName: 'active', wholeFileMaximum: SMALL });
  expect(content.sha256).toBe(sha256(before));
  // What deliver_completed() does.
  bytes[bytes.indexOf('bob@example.org') - 2] = 'D'.charCodeAt(0);
  expect(sha256(bytes)).not.toBe(content.sha256);
  const pieces = [...(content.content as Iterable<Uint8Array>)];
  expect(pieces.length).toBeGreaterThan(2);
  expect(sha256(Buffer.concat(pieces))).toBe(content.sha256);
});

test('a mark that is set between the examination and the digests is in all of the copy', () => {
  const bytes = queueFile();
  const mark = bytes.indexOf('carol@example.org') - 2;
  let readsOfStart = 0;
  const file = openFile(bytes, (offset) => {
    readsOfStart += offset === 0 ? 1 : 0;
    // The second reading begins: the one for the digests.
    if (readsOfStart === 2) {
      bytes[mark] = 'D'.charCodeAt(0);
    }
  });
  const content = readContent(file, { queueName: 'active', wholeFileMaximum: SMALL });
  const copied = Buffer.concat([...(content.content as Iterable<Uint8Array>)]);
  expect(sha256(copied)).toBe(content.sha256);
  expect(copied[mark]).toBe('D'.charCodeAt(0));
});

test('the fingerprint is the same whichever way the file is read', () => {
  const bytes = queueFile();
  const source = bytesSource(bytes);
  const fingerprint = fingerprintOf(source, examineQueueFile(source, 'active').mutableBytes);
  const maxima = [SMALL, bytes.length];
  for (const wholeFileMaximum of maxima) {
    expect(readContent(openFile(bytes), { queueName: 'active', wholeFileMaximum }).fingerprint).toBe(fingerprint);
  }
});
