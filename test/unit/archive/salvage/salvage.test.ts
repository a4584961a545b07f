import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type SalvageReport, salvageArchive } from '../../../../src/archive/salvage/salvage.ts';
import { encodeEntryHeader, tarPadding } from '../../../../src/archive/tar-entry.ts';
import type { Codec } from '../../../../src/archive/zstd/codec.ts';
import { availableCodecs, loadCodec } from '../../../../src/archive/zstd/load-codec.ts';
import { ArchiveError } from '../../../../src/errors.ts';
import { formatEntryName } from '../../../../src/format/entry-name.ts';
import {
  HEADER,
  logFile,
  messageFile,
  noise,
  openBytes,
  openSample,
  openSource,
  queueId,
  temporaryDirectory,
  writeArchive,
} from '../../../support/archive/sample-archive.ts';

vi.setConfig({ testTimeout: 60_000 });

const codecs = await Promise.all(availableCodecs().map((name) => loadCodec(name)));
const [codec = await loadCodec()] = codecs;

/** Frame 1: messages 0 to 2; 2 to 4: message 3; 5: its log and messages 4 to 6, 6: message 7. */
const GROUPS = [
  ...[0, 1, 2].map((number) => [messageFile('deferred', { number, content: noise(800_000, number) })]),
  [
    messageFile('hold', { number: 3, content: noise(10_000_000, 3) }),
    logFile('bounce', { number: 3, content: noise(100, 3) }),
  ],
  ...[4, 5, 6].map((number) => [messageFile('deferred', { number, content: noise(800_000, number) })]),
  [messageFile('incoming', { number: 7, content: noise(2_000, 7) })],
];
const ALL = GROUPS.flat().map(({ name }) => formatEntryName(name));

interface Salvaged {
  readonly names: string[];
  readonly report: SalvageReport;
}

function salvage(bytes: Uint8Array, by: Codec = codec): Salvaged {
  const path = join(temporaryDirectory(), 'damaged.tar.zst');
  writeFileSync(path, bytes);
  const { files, report } = salvageArchive({ source: openSource(path), codec: by });
  const names: string[] = [];
  for (const file of files()) {
    const content = Buffer.concat([...file.pieces()]);
    const original = GROUPS.flat().find(({ metadata }) => metadata.sha256 === file.metadata.sha256);
    expect(content.equals(original?.content as Uint8Array)).toBe(true);
    expect(file.metadata).toEqual(original?.metadata);
    names.push(file.name.kind === 'file' ? formatEntryName(file.name) : file.name.kind);
  }
  return { names, report };
}

function without(...names: string[]): string[] {
  return ALL.filter((name) => !names.includes(name));
}

describe.each(codecs.map((each) => ({ name: each.name, each })))('$name', ({ each }) => {
  test('an intact archive gives everything and loses nothing', () => {
    const archive = writeArchive({ codec: each, groups: GROUPS });
    const { names, report } = salvage(archive.bytes, each);
    expect(names).toEqual(ALL);
    expect(report).toMatchObject({ header: HEADER, lostBytes: 0, lostContent: 0 });
  });

  test.each([1, 9, 40, 1000])('an archive that lost its last %i bytes', (count) => {
    const archive = writeArchive({ codec: each, groups: GROUPS });
    const cut = archive.bytes.subarray(0, -count);
    expect(() => openBytes(each, cut)).toThrow(ArchiveError);
    expect(salvage(cut, each).names).toEqual(ALL);
  });

  test('an archive that ends within a frame', () => {
    const archive = writeArchive({ codec: each, groups: GROUPS });
    const reader = openSample(each, archive.path);
    const { offset } = reader.frames.at(5);
    const { names, report } = salvage(archive.bytes.subarray(0, offset + 1000), each);
    expect(names).toEqual(ALL.slice(0, 4));
    expect(report.lostBytes).toBe(1000);
  });
});

/** The archive with some bytes of these frames overwritten. */
function damage(...frames: number[]): Buffer {
  const { bytes, path } = writeArchive({ codec, groups: GROUPS });
  const reader = openSample(codec, path);
  for (const frame of frames) {
    const { offset, compressedSize } = reader.frames.at(frame);
    bytes.fill(0xaa, offset + Math.floor(compressedSize / 2), offset + Math.floor(compressedSize / 2) + 64);
  }
  return bytes;
}

test('a damaged frame costs messages in it and in no other, and what is lost is counted', () => {
  const { names, report } = salvage(damage(1));
  expect(names).toEqual(expect.arrayContaining(ALL.slice(3)));
  expect(names).not.toContain(ALL[1]);
  expect(report.lostBytes + report.lostContent).toBeGreaterThan(100_000);
});

test.each([2, 3, 4])('frame %i of a message that spans three costs that message alone', (frame) => {
  expect(salvage(damage(frame)).names).toEqual(without(`queue/hold/${queueId(3)}`));
});

test('with header, catalogue and seal gone, the entries speak for themselves', () => {
  const { path } = writeArchive({ codec, groups: GROUPS });
  const { count } = openSample(codec, path).frames;
  const { names, report } = salvage(damage(0, count - 1, count - 2).subarray(0, -20));
  expect(names).toEqual(ALL);
  expect(report.header).toBeUndefined();
});

test('bytes that were put between frames do not hide what follows', () => {
  const { bytes, path } = writeArchive({ codec, groups: GROUPS });
  const { offset } = openSample(codec, path).frames.at(2);
  const magic = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
  const inserted = Buffer.concat([noise(300_001, 9), magic, magic, bytes.subarray(0, 3)]);
  const { names, report } = salvage(Buffer.concat([bytes.subarray(0, offset), inserted, bytes.subarray(offset)]));
  expect(names).toEqual(ALL);
  expect(report.lostBytes).toBeGreaterThanOrEqual(inserted.length);
});

test('what a stranger put into a message is not taken for an entry when its frame is damaged', () => {
  const planted = messageFile('hold', { number: 99, content: Buffer.from('planted') });
  const header = encodeEntryHeader({
    name: formatEntryName(planted.name),
    snapshotId: '00000000-0000-4000-8000-000000000000',
    metadata: planted.metadata,
  });
  const tar = Buffer.concat([header, Buffer.from('planted'), new Uint8Array(tarPadding(7))]);
  const content = Buffer.concat([noise(512 * 5, 1), tar, codec.compress(tar, 3), noise(100, 2)]);
  const { bytes, path } = writeArchive({ codec, groups: GROUPS });
  const { offset } = openSample(codec, path).frames.at(1);
  // The bare content in place of its frame, as from a damaged disk, and a frame that begins in the midst of it.
  const remains = [content, codec.compress(content, 3)];
  const withHeader = Buffer.concat([bytes.subarray(0, offset), ...remains, bytes.subarray(offset)]);
  expect(salvage(withHeader).names).toEqual(ALL);
  const { names, report } = salvage(withHeader.subarray(1));
  expect(report.header).toBeUndefined();
  expect(names).toEqual(ALL);
});

test('an unknown version is not salvaged as if it were known', () => {
  const { bytes } = writeArchive({ codec, groups: [], header: { ...HEADER, format: 2 as unknown as 1 } });
  expect(() => salvage(bytes)).toThrow(expect.objectContaining({ code: 'unknown-version' }));
});

test('what is no archive at all gives nothing', () => {
  expect(salvage(noise(100_000, 5))).toMatchObject({ names: [], report: { lostBytes: 100_000, frames: 0 } });
  expect(salvage(new Uint8Array(0))).toMatchObject({ names: [], report: { lostBytes: 0 } });
});
