/** What people are told of a file that can't be opened as an archive: never that it is damaged where it was never ours. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openArchiveFile } from '../../../src/archive/open-archive.ts';
import { encodeEntryHeader, tarPadding } from '../../../src/archive/tar-entry.ts';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { verify } from '../../../src/inspect/verify.ts';
import {
  HEADER,
  messageFile,
  noise,
  SNAPSHOT_ID,
  sha256,
  temporaryDirectory,
  writeArchive,
} from '../../support/archive/sample-archive.ts';

const codec = await loadCodec();

function tarOf(...options: string[]): Buffer {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'deferred/A'), { recursive: true });
  writeFileSync(join(directory, 'deferred/A/A1B2C3D4E5'), noise(20_000, 1));
  execFileSync('tar', ['-C', directory, ...options, '-cf', join(directory, 'a.tar'), 'deferred']);
  return readFileSync(join(directory, 'a.tar'));
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
  readonly remedy?: string;
}

async function failures(bytes: Uint8Array): Promise<Failure[]> {
  const path = join(temporaryDirectory(), 'the-file');
  writeFileSync(path, bytes);
  const caught = [openArchiveFile({ kind: 'file', path }), verify({ archive: path, workers: 0 })].map((opened) =>
    opened.then(
      (): Failure => ({ code: 'none', message: `${path} is opened`, nextStep: '' }),
      (error: unknown) => error as Failure,
    ),
  );
  const errors = await Promise.all(caught);
  expect(errors.every(({ message }) => message.startsWith(path))).toBe(true);
  return errors;
}

const FOREIGN: readonly (readonly [string, () => Uint8Array, readonly [what: string, nextStep: string]])[] = [
  ['an empty file', () => Buffer.alloc(0), ['it is empty', '']],
  ['a text', () => Buffer.from('Received: from a\n'.repeat(500)), ['a text', '']],
  ['a tar', () => tarOf(), ['a tar of another program', 'import-tar']],
  ['a tar of the oldest form', () => tarOf('--format=v7'), ['a tar of another program', 'import-tar']],
  ['a tar packed by gzip', () => tarOf('-z'), ['packed by gzip', 'import-tar']],
  ['a tar packed by zstd', () => tarOf('--zstd'), ['packed by zstd', 'import-tar']],
  ['a text packed by gzip', () => gzipSync(noise(10_000, 3)), ['something else, packed by gzip', '']],
  ['a text packed by zstd', () => codec.compress(noise(10_000, 3), 3), ['something else, packed by zstd', '']],
  ['bzip2', () => Buffer.from('BZh91AY&SY'), ['packed by bzip2', '']],
  ['age', () => Buffer.from('age-encryption.org/v1\n-> X25519 abc\n'), ['encrypted by age', 'decrypt']],
  ['bytes', () => Buffer.from(noise(100_000, 9)).map((byte) => byte ^ 0x80), ['nothing of one is in it', '']],
];

describe('what was never an archive of postsnap is told as what it is', () => {
  test.each(FOREIGN)('%s', async (_, bytes, [what, nextStep]) => {
    for (const error of await failures(bytes())) {
      expect(error).toMatchObject({ code: 'foreign' });
      expect(error.message).toContain('is no archive of postsnap');
      expect(error.message).toContain(what);
      expect(error.remedy ?? error.nextStep).toContain(nextStep);
      expect(`${error.message} ${error.nextStep} ${error.remedy}`).not.toMatch(/salvage|damaged/u);
    }
  });

  test('a directory', async () => {
    const error: unknown = await openArchiveFile({ kind: 'file', path: temporaryDirectory() }).catch(
      (caught) => caught,
    );
    expect(error).toMatchObject({ code: 'not-found', remedy: 'back-up-directory' });
  });

  test('an archive of a later version is one, and told by its version', async () => {
    const header = Buffer.from(JSON.stringify({ ...HEADER, format: 2 }));
    const metadata = { mode: 0o600, uid: 0, gid: 0, mtimeNs: 0n, atimeNs: 0n, inode: 0n };
    const described = { ...metadata, sha256: sha256(header), size: header.length };
    const entry = encodeEntryHeader({ name: 'postsnap.json', snapshotId: SNAPSHOT_ID, metadata: described });
    const bytes = codec.compress(Buffer.concat([entry, header, Buffer.alloc(tarPadding(header.length))]), 3);
    for (const error of await failures(bytes)) {
      expect(error).toMatchObject({ code: 'unknown-version' });
      expect(error.message).toContain('format version 2');
    }
  });
});

describe('what is left of an archive is not taken for something else', () => {
  const groups = [0, 1, 2].map((number) => [messageFile('hold', { number, content: noise(2_200_000, number) })]);
  const DAMAGES: readonly (readonly [string, (whole: Buffer) => Uint8Array])[] = [
    ['cut', (whole) => whole.subarray(0, whole.length / 2)],
    ['cut in its first frame', (whole) => whole.subarray(0, 300)],
    ['without its beginning', (whole) => whole.subarray(1000)],
    ['with a beginning of zeros', (whole) => Buffer.concat([Buffer.alloc(1000), whole.subarray(1000)])],
    ['with a text for its beginning', (whole) => Buffer.concat([Buffer.alloc(1000, 'a'), whole.subarray(1000)])],
    ['a byte of its header changed', (whole) => changed(whole, 40)],
    ['cut, and its header changed', (whole) => changed(whole, 40).subarray(0, whole.length / 2)],
    ['without a seek table', (whole) => whole.subarray(0, whole.length - 20)],
  ];

  test.each(DAMAGES)('%s', async (_, damage) => {
    const path = join(temporaryDirectory(), 'damaged');
    writeFileSync(path, damage(writeArchive({ codec, groups }).bytes));
    const error: unknown = await openArchiveFile({ kind: 'file', path }).catch((caught) => caught);
    expect(['damaged', 'incomplete', 'hostile']).toContain((error as { code: string }).code);
    expect((error as Error).message.startsWith(path)).toBe(true);
    expect(await verify({ archive: path, workers: 0 })).toMatchObject({ ok: false, sealed: false });
  });
});

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
