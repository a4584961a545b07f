import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { describe, expect, test, vi } from 'vitest';
import { encodeEntryHeader } from '../../../src/archive/tar-entry.ts';
import { availableCodecs, loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { formatEntryName } from '../../../src/format/entry-name.ts';
import {
  HEADER,
  logFile,
  messageFile,
  noise,
  temporaryDirectory,
  writeArchive,
} from '../../support/archive/sample-archive.ts';

vi.setConfig({ testTimeout: 120_000 });

const codecs = await Promise.all(availableCodecs().map((name) => loadCodec(name)));
const [codec = await loadCodec()] = codecs;

const GROUPS = [
  [
    messageFile('deferred', { number: 1, content: noise(6000, 1), metadata: { mode: 0o710 } }),
    logFile('defer', { number: 1, content: noise(300, 2) }),
  ],
  [
    messageFile('maildrop', {
      number: 2,
      content: noise(512, 3),
      metadata: { mode: 0o744, uid: 300_000, gid: 300_001 },
    }),
  ],
  [messageFile('active', { number: 3, content: noise(9_000_000, 4), metadata: { uname: 'jürgen', mtimeNs: 1n } })],
  [messageFile('corrupt', { number: 4, content: new Uint8Array(0), metadata: { mode: 0o400 } })],
];
const FILES = GROUPS.flat();

const PYTHON = `
import sys, tarfile
with tarfile.open(fileobj=sys.stdin.buffer, mode='r|') as archive:
    for member in archive:
        archive.extract(member, sys.argv[1], numeric_owner=True, **({'filter': 'fully_trusted'} if hasattr(tarfile, 'fully_trusted_filter') else {}))
`;

interface Extractor {
  readonly name: string;
  readonly command: (archive: string, directory: string) => [string, ...string[]];
  /** The archive's tar comes on standard input. */
  readonly isPiped: boolean;
}

const EXTRACTORS: readonly Extractor[] = [
  {
    name: 'tar --zstd',
    command: (archive, to) => ['tar', '--zstd', '--numeric-owner', '-xpf', archive, '-C', to],
    isPiped: false,
  },
  { name: 'zstd | tar', command: (_, to) => ['tar', '--numeric-owner', '-xpf', '-', '-C', to], isPiped: true },
  {
    name: 'bsdtar',
    command: (archive, to) => ['bsdtar', '--numeric-owner', '-xpf', archive, '-C', to],
    isPiped: false,
  },
  { name: 'Python', command: (_, to) => ['python3', '-W', 'error', '-c', PYTHON, to], isPiped: true },
];

describe.each(codecs.map((each) => ({ codecName: each.name, each })))('written with $codecName', ({ each }) => {
  const extract = ({ command, isPiped }: Extractor, directory: string): { status: number | null; stderr: string } => {
    const { path } = writeArchive({ codec: each, groups: GROUPS });
    const input = isPiped ? execFileSync('zstd', ['-dc', path], { maxBuffer: 2 ** 30 }) : undefined;
    const [program, ...args] = command(path, directory);
    const { status, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
    return { status, stderr };
  };

  test.each(EXTRACTORS)('$name extracts everything in silence', (extractor) => {
    const directory = join(temporaryDirectory(), 'out');
    mkdirSync(directory);
    expect(extract(extractor, directory)).toEqual({ status: 0, stderr: '' });
    for (const { name, metadata, content } of FILES) {
      const path = join(directory, formatEntryName(name));
      const status = lstatSync(path, { bigint: true });
      expect(readFileSync(path).equals(content as Uint8Array)).toBe(true);
      expect(Number(status.mode & 0o7777n).toString(8)).toBe(metadata.mode.toString(8));
      // Python keeps times as floating-point numbers.
      const lost = status.mtimeNs - metadata.mtimeNs;
      expect(Math.abs(Number(lost))).toBeLessThanOrEqual(extractor.name === 'Python' ? 500 : 0);
      if (getuid?.() === 0) {
        expect([Number(status.uid), Number(status.gid)]).toEqual([metadata.uid, metadata.gid]);
      }
    }
    expect(JSON.parse(readFileSync(join(directory, 'postsnap.json'), 'utf8'))).toEqual(HEADER);
  });

  test('zstd finds nothing wrong', () => {
    const { path } = writeArchive({ codec: each, groups: GROUPS });
    expect(spawnSync('zstd', ['-t', '-q', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

test('tar-stream reads the same from the headers and the records', async () => {
  const { bytes, path } = writeArchive({ codec, groups: GROUPS });
  expect(bytes.length).toBeGreaterThan(0);
  const entries: { name: string; size: number; content: Buffer; pax: Record<string, string> }[] = [];
  const stream = Readable.from([execFileSync('zstd', ['-dc', path], { maxBuffer: 2 ** 30 })]).pipe(tar.extract());
  for await (const entry of stream) {
    const { name, size, pax } = entry.header as typeof entry.header & { pax: Record<string, string> };
    const pieces: Buffer[] = [];
    for await (const piece of entry) {
      pieces.push(piece as Buffer);
    }
    entries.push({ name, size, content: Buffer.concat(pieces), pax });
  }
  const names = [
    'postsnap.json',
    ...FILES.map(({ name }) => formatEntryName(name)),
    'catalogue/000000.jsonl',
    'seal.json',
  ];
  expect(entries.map(({ name }) => name)).toEqual(names);
  for (const [index, { metadata, content }] of FILES.entries()) {
    const entry = entries[index + 1];
    expect(entry?.content.equals(content as Uint8Array)).toBe(true);
    expect(entry?.pax).toMatchObject({ uid: String(metadata.uid), size: String(metadata.size) });
  }
});

const EXTREMES = [
  { mtimeNs: 2_147_483_648_000_000_001n, uid: 2_097_151 },
  { mtimeNs: 8_589_934_592_999_999_999n, uid: 2_097_152 },
  { mtimeNs: -1_500_000_000n, uid: 4_294_967_294 },
  { mtimeNs: 0n, uid: 0 },
];

test.each(EXTREMES)('Python reads mtime $mtimeNs and uid $uid from the records', ({ mtimeNs, uid }) => {
  const { metadata } = messageFile('hold', { number: 1, content: new Uint8Array(0), metadata: { mtimeNs, uid } });
  const header = encodeEntryHeader({ name: 'queue/hold/0000110001', snapshotId: HEADER.snapshot_id, metadata });
  const script = `
import sys, tarfile
member = tarfile.open(fileobj=sys.stdin.buffer, mode='r|').next()
print(member.pax_headers['mtime'], member.mtime, member.uid)`;
  const input = Buffer.concat([header, new Uint8Array(1024)]);
  const [text = '', seconds, owner] = execFileSync('python3', ['-c', script], { input, encoding: 'utf8' })
    .trim()
    .split(' ');
  const sign = text.startsWith('-') ? -1n : 1n;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  expect(sign * (BigInt(whole) * 1_000_000_000n + BigInt(fraction))).toBe(mtimeNs);
  expect(Number(seconds)).toBeCloseTo(Number(mtimeNs) / 1e9, 3);
  expect(Number(owner)).toBe(uid);
});
