import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ArchivedFile } from '../../../src/archive/entry-reader.ts';
import type { FramePart } from '../../../src/archive/frame-parts.ts';
import { ArchiveError } from '../../../src/errors.ts';
import type { CatalogueLine } from '../../../src/format/catalogue-line.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { verifyRun } from '../../../src/inspect/verify-run.ts';
import { archivedFile, damagedFile, frameRun, messageLine } from '../../support/archive/archived-file.ts';

const FILE = fileURLToPath(new URL('../../../fixtures/queue-files/plain.queue', import.meta.url));
const CONTENT = readFileSync(FILE);
const BROKEN = CONTENT.subarray(0, CONTENT.length - 5);
const A = 'deferred/ABCDE12345';
const B = 'hold/BBCDE12345';

function* given(files: Iterable<ArchivedFile>): Generator<FramePart, void, undefined> {
  for (const file of files) {
    yield { kind: 'entry', file, size: file.metadata.size };
  }
}

/** Entries that can't be read, from the first on. */
function failing(error: Error): Iterable<ArchivedFile> {
  return {
    [Symbol.iterator]: () => {
      throw error;
    },
  };
}

function verdictOf(files: Iterable<ArchivedFile>, lines: readonly CatalogueLine[]) {
  const frames = { read: () => new Uint8Array(0) };
  return verifyRun({ fs: nodeFileSystem, parts: () => given(files), frames }, frameRun(lines));
}

test('of the frames of one big message only those that can not be read count as damaged', () => {
  const frames = {
    read: ({ offset }: { offset: number }) => {
      if (offset === 2) {
        throw new ArchiveError('damaged', 'not zstd');
      }
      return new Uint8Array(0);
    },
  };
  const parts = () => given([damagedFile(A, CONTENT, 100)]);
  const verdict = verifyRun({ fs: nodeFileSystem, parts, frames }, frameRun([messageLine(A, CONTENT)], 4));
  expect(verdict.damagedFrames).toEqual([3]);
  expect(verdict.damaged).toHaveLength(1);
});

test('a run in which all is right has nothing to tell', () => {
  const verdict = verdictOf(
    [archivedFile(A, CONTENT), archivedFile(B, CONTENT, 100)],
    [messageLine(A, CONTENT), messageLine(B, CONTENT)],
  );
  expect(verdict).toEqual({ damagedFrames: [], damaged: [], malformed: [] });
});

test('a queue file that was broken at the source is told, and is no damage', () => {
  const verdict = verdictOf([archivedFile(A, BROKEN)], [messageLine(A, BROKEN)]);
  expect(verdict).toMatchObject({ damagedFrames: [], damaged: [] });
  expect(verdict.malformed).toMatchObject([{ queue_name: 'deferred', queue_id: 'ABCDE12345' }]);
  expect(verdict.malformed[0]?.reason).toMatch(/\w+ at offset \d+/u);
});

test('a content that does not fit its digest costs its own message alone', () => {
  const third = 'hold/CBCDE12345';
  const verdict = verdictOf(
    [archivedFile(A, CONTENT), damagedFile(B, CONTENT), archivedFile(third, CONTENT)],
    [messageLine(A, CONTENT), messageLine(B, CONTENT), messageLine(third, CONTENT)],
  );
  expect(verdict.damaged).toMatchObject([{ queue_name: 'hold', queue_id: 'BBCDE12345' }]);
  expect(verdict.damaged[0]?.reason).toContain('digest');
});

test('an entry that can not be read spoils what comes after it, and no other', () => {
  function* files() {
    yield archivedFile(A, CONTENT);
    throw new ArchiveError('damaged', 'no tar header');
  }
  const third = 'hold/CBCDE12345';
  const verdict = verdictOf(files(), [messageLine(A, CONTENT), messageLine(B, CONTENT), messageLine(third, CONTENT)]);
  expect(verdict.damagedFrames).toEqual([1]);
  expect(verdict.damaged.map((file) => file.queue_id)).toEqual(['BBCDE12345', 'CBCDE12345']);
  expect(verdict.damaged[0]?.reason).toContain('tar header');
});

test('a frame that can not be read at all spoils all that it holds', () => {
  const verdict = verdictOf(failing(new ArchiveError('damaged', 'the frame is not zstd')), [
    messageLine(A, CONTENT),
    messageLine(B, CONTENT),
  ]);
  expect(verdict.damaged).toHaveLength(2);
});

describe('a catalogue that contradicts the entries', () => {
  test.each([
    ['submission', { submission: 'f'.repeat(64) }],
    ['origin', { origin: 'f'.repeat(64) }],
    ['sender', { sender: 'other@example.com' }],
  ] as const)('by another %s, which a later restore would know other mail by', (_, forged) => {
    const verdict = verdictOf([archivedFile(A, CONTENT)], [{ ...messageLine(A, CONTENT), ...forged }]);
    expect(verdict.damaged).toMatchObject([{ reason: expect.stringContaining('lineage') }]);
  });

  const wrong: [string, CatalogueLine][] = [
    ['sha256', { ...messageLine(A, CONTENT), sha256: 'f'.repeat(64) }],
    ['file_size', { ...messageLine(A, CONTENT), file_size: 7 }],
    ['mode', { ...messageLine(A, CONTENT), mode: 0o755 }],
    ['fingerprint', { ...messageLine(A, CONTENT), fingerprint: 'f'.repeat(64) }],
    ['queue_id', { ...messageLine(A, CONTENT), queue_id: 'FFFFF12345' }],
    ['queue_name', { ...messageLine(A, CONTENT), queue_name: 'hold' }],
  ];

  test.each(wrong)('%s', (_, line) => {
    expect(verdictOf([archivedFile(A, CONTENT)], [line]).damaged).toHaveLength(1);
  });

  test('by a file that it does not name', () => {
    const verdict = verdictOf([archivedFile(A, CONTENT), archivedFile(B, CONTENT)], [messageLine(A, CONTENT)]);
    expect(verdict.damagedFrames).toEqual([1]);
  });

  test('by a file that is not there', () => {
    const verdict = verdictOf([archivedFile(A, CONTENT)], [messageLine(A, CONTENT), messageLine(B, CONTENT)]);
    expect(verdict.damagedFrames).toEqual([1]);
    expect(verdict.damaged.map((file) => file.queue_id)).toEqual(['BBCDE12345']);
  });
});

test('an error that is no damage is not swallowed', () => {
  expect(() => verdictOf(failing(new TypeError('a bug')), [messageLine(A, CONTENT)])).toThrow(TypeError);
});
