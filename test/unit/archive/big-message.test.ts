import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { ArchiveWriter } from '../../../src/archive/archive-writer.ts';
import { FramePacker } from '../../../src/archive/frame-packer.ts';
import { salvageArchive } from '../../../src/archive/salvage/salvage.ts';
import { availableCodecs, loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { FRAME_MAXIMUM } from '../../../src/format/limits.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import {
  HEADER,
  messageFile,
  noise,
  OUTCOME,
  openSample,
  openSource,
  SNAPSHOT_ID,
  temporaryDirectory,
} from '../../support/archive/sample-archive.ts';

vi.setConfig({ testTimeout: 240_000 });

const PIECE = 1_000_000;
const SIZE = 200 * PIECE;
/** Some frames, compressed and not: less than a third of the message. */
const MEMORY_MAXIMUM = 64 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** What is held in memory, without what only waits for the garbage collector. */
function heldMemory(): number {
  if (typeof collectGarbage !== 'function') {
    throw new TypeError('this runtime has no gc() to call');
  }
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* pieces(): Generator<Uint8Array> {
  const piece = Buffer.from(noise(PIECE, 1));
  for (let number = 0; number * PIECE < SIZE; number += 1) {
    piece.writeUInt32LE(number, 0);
    yield piece;
  }
}

function digest(content: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of content) {
    hash.update(piece);
  }
  return hash.digest('hex');
}

test.each(availableCodecs())('%s: a message of 200 MB takes the memory of a few frames', async (name) => {
  const codec = await loadCodec(name);
  // The codec's own memory grows to what it needs at the first frames.
  codec.decompress(codec.compress(noise(FRAME_MAXIMUM, 2), 1), FRAME_MAXIMUM);
  const sha256 = digest(pieces());
  const directory = temporaryDirectory();
  const path = join(directory, 'big.tar.zst');
  const fd = openSync(path, 'wx+');
  const draftFd = openSync(join(directory, 'spool'), 'wx+');
  const before = heldMemory();
  let highest = before;
  const watch = (): void => {
    highest = Math.max(highest, heldMemory());
  };
  const output = { write: (bytes: Uint8Array) => nodeFileSystem.write(fd, bytes) };
  const writer = new ArchiveWriter({ output, codec, header: HEADER, fs: nodeFileSystem, draftFd });
  const emit = (frame: Parameters<typeof writer.append>[0]): void => {
    writer.append(frame);
    watch();
  };
  const packer = new FramePacker({ codec, level: 1, snapshotId: SNAPSHOT_ID, emit, hold: writer.hold });
  const content = new Uint8Array(0);
  const file = messageFile('deferred', { number: 1, content, metadata: { sha256, size: SIZE } });
  packer.add([{ ...file, content: pieces() }]);
  packer.flush();
  writer.finish({ outcome: OUTCOME, stateOf: () => 'queued' });

  const reader = openSample(codec, path);
  const [run] = [...reader.runs()];
  expect(run?.frames).toHaveLength(48);
  const readers = [
    () => (run === undefined ? [] : reader.entries(run)),
    salvageArchive({ source: openSource(path), codec }).files,
  ];
  for (const files of readers) {
    const digests: string[] = [];
    for (const archived of files()) {
      const hash = createHash('sha256');
      for (const piece of archived.pieces()) {
        hash.update(piece);
        watch();
      }
      digests.push(hash.digest('hex'));
    }
    expect(digests).toEqual([sha256]);
  }
  closeSync(fd);
  closeSync(draftFd);
  expect(highest - before).toBeLessThan(MEMORY_MAXIMUM);
});
