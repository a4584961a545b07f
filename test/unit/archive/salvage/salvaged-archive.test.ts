import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SalvagedArchive, salvageToArchive } from '../../../../src/archive/salvage/salvaged-archive.ts';
import { loadCodec } from '../../../../src/archive/zstd/load-codec.ts';
import type { FrameTable } from '../../../../src/format/seek-table.ts';
import { nodeFileSystem } from '../../../../src/fs/node-file-system.ts';
import {
  logFile,
  messageFile,
  noise,
  openSample,
  openSource,
  queueId,
  temporaryDirectory,
  writeArchive,
} from '../../../support/archive/sample-archive.ts';

const codec = await loadCodec();

/** Each big enough for a frame of its own; the second has left, and the third has a log. */
const GROUPS = [
  [messageFile('deferred', { number: 0, content: noise(2_100_000, 0) })],
  [messageFile('deferred', { number: 1, content: noise(2_100_000, 1) })],
  [
    messageFile('hold', { number: 2, content: noise(2_100_000, 2) }),
    logFile('defer', { number: 2, content: noise(300, 2) }),
  ],
];

function emptyFile(): number {
  const path = join(temporaryDirectory(), 'empty');
  const fd = openSync(path, 'wx+');
  unlinkSync(path);
  return fd;
}

function salvage(bytes: Uint8Array): SalvagedArchive {
  const directory = temporaryDirectory();
  const path = join(directory, 'damaged.tar.zst');
  writeFileSync(path, bytes);
  const source = openSource(path);
  const [archive, catalogue] = [emptyFile(), emptyFile()];
  const salvaged = salvageToArchive({
    fs: nodeFileSystem,
    source,
    codec,
    files: { archive, catalogue },
    randomName: () => 'unknown',
  });
  onTestFinished(() => closeSync(catalogue));
  onTestFinished(() => salvaged.archive.close());
  return salvaged;
}

/** Compressed once: it takes longer than all the tests. */
const SAMPLE: { made?: { readonly bytes: Buffer; readonly frames: FrameTable } } = {};

function sample(): { readonly bytes: Buffer; readonly frames: FrameTable } {
  SAMPLE.made ??= makeSample();
  return { ...SAMPLE.made, bytes: Buffer.from(SAMPLE.made.bytes) };
}

function makeSample(): { readonly bytes: Buffer; readonly frames: FrameTable } {
  const stateOf = ({ queueId: id }: { readonly queueId: string }) => (id === queueId(1) ? 'left' : 'queued');
  const { bytes, path } = writeArchive({ codec, groups: GROUPS, stateOf });
  return { bytes, frames: openSample(codec, path).frames };
}

function messagesOf({ archive }: SalvagedArchive): { id: string; state: string; logs: readonly string[] }[] {
  return [...archive.catalogue()].flatMap((line) =>
    line.kind === 'message' ? [{ id: line.queue_id, state: line.state, logs: line.logs }] : [],
  );
}

describe('salvageToArchive', () => {
  test('makes a sound archive of an intact one, states and logs included', () => {
    const salvaged = salvage(sample().bytes);
    expect(messagesOf(salvaged)).toEqual([
      { id: queueId(0), state: 'queued', logs: [] },
      { id: queueId(1), state: 'left', logs: [] },
      { id: queueId(2), state: 'queued', logs: ['defer'] },
    ]);
    expect(salvaged).toMatchObject({ hasCatalogue: true, lost: [], lostBytes: 0 });
    for (const run of salvaged.archive.runs()) {
      for (const file of salvaged.archive.entries(run)) {
        expect(Buffer.concat([...file.pieces()]).length).toBe(file.metadata.size);
      }
    }
  });

  test('names what is lost while the catalogue survives', () => {
    const { bytes, frames } = sample();
    const { offset, compressedSize } = frames.at(1);
    bytes.fill(0xaa, offset + 100, offset + compressedSize - 100);
    const salvaged = salvage(bytes);
    expect(messagesOf(salvaged).map(({ id }) => id)).toEqual([queueId(1), queueId(2)]);
    expect(salvaged.lost.map(({ queue_id }) => queue_id)).toEqual([queueId(0)]);
    expect(salvaged.lost[0]).toMatchObject({ sender: 'sender-0@example.org', file_size: 2_100_000 });
    expect(salvaged.lostBytes).toBeGreaterThan(0);
  });

  test('knows no state, and says so, where the catalogue is gone', () => {
    const { bytes, frames } = sample();
    const { offset } = frames.at(4);
    const salvaged = salvage(bytes.subarray(0, offset));
    expect(salvaged.hasCatalogue).toBe(false);
    expect(messagesOf(salvaged).map(({ state }) => state)).toEqual(['queued', 'queued', 'queued']);
  });

  test('refuses what holds nothing intact', () => {
    expect(() => salvage(noise(100_000, 7))).toThrow(/no message in the archive is intact/);
  });
});
