import { describe, expect, test, vi } from 'vitest';
import { type ArchiveReader, openArchive } from '../../../src/archive/archive-reader.ts';
import { ArchiveSource } from '../../../src/archive/archive-source.ts';
import { encodeEntryHeader, TAR_END, tarPadding } from '../../../src/archive/tar-entry.ts';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { ArchiveError } from '../../../src/errors.ts';
import { formatEntryName } from '../../../src/format/entry-name.ts';
import { encodeHeader } from '../../../src/format/header.ts';
import { createIdFilter } from '../../../src/format/id-filter.ts';
import { encodeSeal, type Seal } from '../../../src/format/seal.ts';
import { encodeSeekTable } from '../../../src/format/seek-table.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import {
  HEADER,
  messageFile,
  noise,
  OUTCOME,
  openBytes,
  readAll,
  SNAPSHOT_ID,
  sha256,
  writeArchive,
} from '../../support/archive/sample-archive.ts';

vi.setConfig({ testTimeout: 60_000 });

const codec = await loadCodec();

interface Entry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly mode?: number;
}

function encodeEntry({ name, content, mode = 0o600 }: Entry): Buffer {
  const metadata = {
    mode,
    uid: 0,
    gid: 0,
    mtimeNs: 0n,
    atimeNs: 0n,
    inode: 0n,
    sha256: sha256(content),
    size: content.length,
  };
  const header = encodeEntryHeader({ name, snapshotId: SNAPSHOT_ID, metadata });
  return Buffer.concat([header, content, new Uint8Array(tarPadding(content.length))]);
}

interface Draft {
  /** Contents of the frames behind the header's. */
  readonly frames?: readonly Uint8Array[];
  readonly catalogue?: string;
  readonly seal?: Partial<Seal>;
  readonly tail?: Uint8Array;
}

/** Puts an archive together by hand: what the writer would never write. */
function assemble({ frames = [], catalogue, seal, tail = TAR_END }: Draft): Buffer {
  const header = encodeHeader(HEADER);
  const contents = [encodeEntry({ name: 'postsnap.json', content: header }), ...frames];
  const text = Buffer.from(catalogue ?? '');
  const part = { frame: contents.length, size: text.length, lines: text.toString().split('\n').length - 1 };
  const sealed: Seal = {
    format: 1,
    snapshot_id: SNAPSHOT_ID,
    ...OUTCOME,
    messages: part.lines,
    left: 0,
    logs: 0,
    malformed: 0,
    bytes: 0,
    by_queue: {},
    header_sha256: sha256(header),
    frames: contents.length,
    catalogue: catalogue === undefined ? [] : [{ ...part, sha256: sha256(text), idFilter: createIdFilter(['x']) }],
    ...seal,
  };
  if (catalogue !== undefined) {
    contents.push(encodeEntry({ name: 'catalogue/000000.jsonl', content: text }));
  }
  contents.push(Buffer.concat([encodeEntry({ name: 'seal.json', content: encodeSeal(sealed) }), tail]));
  return joinFrames(contents);
}

function joinFrames(contents: readonly Uint8Array[]): Buffer {
  const compressed = contents.map((content) => codec.compress(content, 3));
  const sizes = compressed.map((bytes, index) => ({
    compressedSize: bytes.length,
    size: contents[index]?.length ?? 0,
  }));
  return Buffer.concat([...compressed, encodeSeekTable(sizes, sizes.length)]);
}

const FILE = messageFile('hold', { number: 1, content: Buffer.from('content') });
const NAME = formatEntryName(FILE.name);
const ENTRY = encodeEntry({ name: NAME, content: Buffer.from('content') });

function line(over: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ frame: 1, state: 'queued', ...FILE.draft, ...over })}\n`;
}

function readEverything(reader: ArchiveReader): unknown {
  return [readAll(reader), [...reader.catalogue()]];
}

test('what is put together rightly is read', () => {
  const reader = openBytes(codec, assemble({ frames: [ENTRY], catalogue: line(), seal: { bytes: 7 } }));
  expect(readAll(reader)).toMatchObject([{ content: 'content' }]);
});

function retyped(type: string): Buffer {
  const entry = Buffer.from(ENTRY);
  const at = 1024;
  entry.write(type, at + 156, 'latin1');
  entry.fill(' ', at + 148, at + 156);
  const sum = entry.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  entry.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  return entry;
}

describe('entries that no writer writes', () => {
  test.each([
    '/etc/passwd',
    '../etc/passwd',
    'queue/../../etc/passwd',
    'queue/hold/../../etc/passwd',
    'queue/hold',
    'queue/hold/',
    'queue/hold//0000110001',
    'queue/flush/0000110001',
    'queue/hold/example.org',
    'queue/hold/F/0000110001',
    './queue/hold/0000110001',
    'queue/hold/0000110001\0',
    `queue/hold/${'0'.repeat(300)}`,
    'x',
  ])('name %j', (name) => {
    const frames = [encodeEntry({ name, content: Buffer.from('content') })];
    const reader = openBytes(codec, assemble({ frames, catalogue: line(), seal: { bytes: 7 } }));
    expect(() => readAll(reader)).toThrow(ArchiveError);
  });

  test.each(['1', '2', '3', '5', '6', '7', 'g', 'L', 'K', 'S', '\0'])('type %j', (type) => {
    const reader = openBytes(codec, assemble({ frames: [retyped(type)], catalogue: line(), seal: { bytes: 7 } }));
    expect(() => readAll(reader)).toThrow(ArchiveError);
  });

  test.each([['linkpath', 'SCHILY.xattr.user.x', 'GNU.sparse.size', 'hdrcharset', 'path', 'mtime']])(
    'records besides ours',
    (...keywords) => {
      for (const keyword of keywords) {
        const record = Buffer.from(`${keyword.length + 8} ${keyword}=abcd\n`.padEnd(keyword.length + 8));
        const records = Buffer.concat([record, ENTRY.subarray(512, 512 + ENTRY.subarray(512, 1024).indexOf(0))]);
        const entry = Buffer.concat([
          ENTRY.subarray(0, 512),
          records,
          new Uint8Array(tarPadding(records.length)),
          ENTRY.subarray(1024),
        ]);
        const reader = openBytes(codec, assemble({ frames: [entry], catalogue: line(), seal: { bytes: 7 } }));
        expect(() => readAll(reader)).toThrow(ArchiveError);
      }
    },
  );

  test('something behind the content in its last block, or behind the last entry', () => {
    for (const at of [ENTRY.length - 1, ENTRY.length - 500]) {
      const entry = Buffer.from(ENTRY);
      entry[at] = 1;
      const reader = openBytes(codec, assemble({ frames: [entry], catalogue: line(), seal: { bytes: 7 } }));
      expect(() => readAll(reader)).toThrow(ArchiveError);
    }
    const frames = [Buffer.concat([ENTRY, noise(512, 1)])];
    expect(() => readAll(openBytes(codec, assemble({ frames, catalogue: line(), seal: { bytes: 7 } })))).toThrow(
      ArchiveError,
    );
  });

  test('an end of the tar before its end', () => {
    const frames = [Buffer.concat([TAR_END, ENTRY])];
    expect(() => readAll(openBytes(codec, assemble({ frames, catalogue: line(), seal: { bytes: 7 } })))).toThrow(
      ArchiveError,
    );
    expect(() => openBytes(codec, assemble({ tail: noise(1024, 1) }))).toThrow(ArchiveError);
    expect(() => openBytes(codec, assemble({ tail: new Uint8Array(512) }))).toThrow(ArchiveError);
  });
});

describe('catalogues that do not fit', () => {
  test.each([
    ['a frame that there is not', line({ frame: 2 })],
    ['the frame of the header', line({ frame: 0 })],
    ['a frame before', line() + line({ frame: 0, queue_id: '0000110002' })],
    ['a queue ID that is none', line({ queue_id: '../../etc/passwd' })],
    ['a queue that is none', line({ queue_name: 'flush' })],
    ['a negative size', line({ file_size: -1 })],
    ['a size that is no number', line({ file_size: '7' })],
    ['a digest that is none', line({ sha256: 'abc' })],
    ['no state', line({ state: undefined })],
    ['recipients that are none', line({ recipients: ['a'] })],
    ['logs that are none', line({ logs: ['hold'] })],
    ['the same file twice', line() + line()],
    ['no JSON', '{\n'],
    ['an array', '[]\n'],
    ['no line feed', line().trimEnd()],
    ['more than the seal counts', line() + line({ queue_id: '0000110002' })],
  ])('%s', (_, catalogue) => {
    const reader = (): ArchiveReader =>
      openBytes(codec, assemble({ frames: [ENTRY], catalogue, seal: { bytes: 7, messages: 1 } }));
    expect(() => readEverything(reader())).toThrow(ArchiveError);
  });

  test('frames that no line names', () => {
    const frames = [ENTRY, ENTRY];
    expect(() => readAll(openBytes(codec, assemble({ frames, catalogue: line(), seal: { bytes: 7 } })))).toThrow(
      ArchiveError,
    );
    expect(() => readAll(openBytes(codec, assemble({ frames })))).toThrow(ArchiveError);
  });

  test.each<[string, Partial<Seal>]>([
    ['another header', { header_sha256: sha256(noise(1, 1)) }],
    ['another snapshot', { snapshot_id: 'other' }],
    ['frames that there are not', { frames: 1000 }],
    [
      'a part of another size',
      { catalogue: [{ frame: 2, size: 1, lines: 1, sha256: sha256(Buffer.from('')), idFilter: new Uint8Array(8) }] },
    ],
    [
      'a part that is too big',
      {
        catalogue: [
          { frame: 2, size: 2 ** 40, lines: 1, sha256: sha256(Buffer.from('')), idFilter: new Uint8Array(8) },
        ],
      },
    ],
    [
      'a filter of no length',
      { catalogue: [{ frame: 2, size: 1, lines: 1, sha256: sha256(Buffer.from('')), idFilter: new Uint8Array(0) }] },
    ],
    ['an unknown version', { format: 9 as unknown as 1 }],
  ])('a seal with %s', (_, seal) => {
    const bytes = assemble({ frames: [ENTRY], catalogue: line(), seal: { bytes: 7, ...seal } });
    expect(() => readEverything(openBytes(codec, bytes))).toThrow(ArchiveError);
  });
});

describe('sizes that are not to be believed', () => {
  const good = writeArchive.bind(undefined, { codec, groups: [[FILE]] });

  function altered(change: (bytes: Buffer) => void): Buffer {
    const bytes = Buffer.from(good().bytes);
    change(bytes);
    return bytes;
  }

  test.each<[string, (bytes: Buffer) => void]>([
    ['more frames than the file has room for', (bytes) => bytes.writeUInt32LE(4_194_304, bytes.length - 9)],
    ['more frames than there may be', (bytes) => bytes.writeUInt32LE(0xffff_ffff, bytes.length - 9)],
    ['no frames', (bytes) => bytes.writeUInt32LE(0, bytes.length - 9)],
    ['checksums', (bytes) => bytes.writeUInt8(0x80, bytes.length - 5)],
    ['a frame of 4 GiB', (bytes) => bytes.writeUInt32LE(0xffff_ffff, bytes.length - 9 - 4)],
    ['a frame that takes 4 GiB', (bytes) => bytes.writeUInt32LE(0xffff_ffff, bytes.length - 9 - 8)],
    ['a frame that takes nothing', (bytes) => bytes.writeUInt32LE(0, bytes.length - 9 - 8)],
  ])('a seek table of %s', (_, change) => {
    expect(() => openBytes(codec, altered(change))).toThrow(ArchiveError);
  });

  test('a frame that holds more than the seek table says is not unpacked further', () => {
    const contents = [encodeEntry({ name: 'postsnap.json', content: encodeHeader(HEADER) }), new Uint8Array(4_000_000)];
    const compressed = contents.map((content) => codec.compress(content, 3));
    const sizes = compressed.map((bytes) => ({ compressedSize: bytes.length, size: 1024 }));
    const bytes = Buffer.concat([...compressed, encodeSeekTable(sizes, 2)]);
    expect(() => openBytes(codec, bytes)).toThrow(ArchiveError);
  });

  test('an archive that is not complete says so', () => {
    const { bytes } = good();
    for (const length of [bytes.length - 1, bytes.length - 100]) {
      expect(() => openBytes(codec, bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'incomplete' }),
      );
    }
    expect(() => openBytes(codec, new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'incomplete' }));
    const unsealed = joinFrames([encodeEntry({ name: 'postsnap.json', content: encodeHeader(HEADER) }), ENTRY]);
    expect(() => openBytes(codec, unsealed)).toThrow(expect.objectContaining({ code: 'incomplete' }));
  });

  test('what is no archive says so', () => {
    expect(() => openBytes(codec, Buffer.from('From MAILER-DAEMON'))).toThrow(
      /its header, which says of which queue it is, is damaged/,
    );
  });
});

test('errors of the system stay what they are', () => {
  const read = (): never => {
    throw Object.assign(new Error('EIO'), { code: 'EIO', errno: -5 });
  };
  const fstat = () => ({ ...nodeFileSystem.fstat(0), size: 1000 });
  const source = new ArchiveSource({ ...nodeFileSystem, fstat, read }, 0);
  expect(() => openArchive({ source, codec })).toThrow('EIO');
});
