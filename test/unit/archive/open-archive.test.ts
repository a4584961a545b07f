import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type OpenOptions, openArchiveFile } from '../../../src/archive/open-archive.ts';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import type { ArchiveLocation } from '../../../src/archive-location.ts';
import { ArchiveError, InterruptedError, SystemError } from '../../../src/errors.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { messageFile, noise, readAll, temporaryDirectory, writeArchive } from '../../support/archive/sample-archive.ts';

const codec = await loadCodec();
const STREAM: ArchiveLocation = { kind: 'stream' };
const GROUPS = [[messageFile('hold', { number: 1, content: noise(100_000, 1) })]];

function fileIn(directory: string, name: string): ArchiveLocation {
  return { kind: 'file', path: join(directory, name) };
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

/** Descriptors that are open at the end are a leak. */
function counting(): { options: OpenOptions; open: Set<number> } {
  const open = new Set<number>();
  const fs = {
    ...nodeFileSystem,
    open: (path: string, flags: number, mode?: number) => {
      const fd = nodeFileSystem.open(path, flags, mode);
      open.add(fd);
      return fd;
    },
    close: (fd: number) => {
      open.delete(fd);
      nodeFileSystem.close(fd);
    },
  };
  return { options: { fs }, open };
}

test('an archive is opened by its name', async () => {
  const { path } = writeArchive({ codec, groups: GROUPS });
  const { options, open } = counting();
  const reader = await openArchiveFile({ kind: 'file', path }, options);
  expect(readAll(reader)).toHaveLength(1);
  reader.close();
  reader.close();
  expect(open.size).toBe(0);
});

test('an archive from standard input may come in any pieces', async () => {
  const { bytes } = writeArchive({ codec, groups: GROUPS });
  for (const size of [1000, bytes.length]) {
    const reader = await openArchiveFile(STREAM, { input: inPieces(bytes, size) });
    onTestFinished(() => reader.close());
    expect(readAll(reader)).toHaveLength(1);
  }
});

test('what is not there, or no file, is told as such', async () => {
  const directory = temporaryDirectory();
  await expect(openArchiveFile(fileIn(directory, 'none'))).rejects.toMatchObject({ code: 'not-found' });
  writeFileSync(join(directory, 'file'), '');
  await expect(openArchiveFile(fileIn(directory, 'file/below'))).rejects.toMatchObject({ code: 'not-found' });
  mkdirSync(join(directory, 'sub'));
  const { options, open } = counting();
  await expect(openArchiveFile(fileIn(directory, 'sub'), options)).rejects.toMatchObject({ code: 'not-found' });
  expect(open.size).toBe(0);
});

test('a damaged archive is closed again', async () => {
  const path = join(temporaryDirectory(), 'damaged');
  writeFileSync(path, 'no archive');
  const { options, open } = counting();
  await expect(openArchiveFile({ kind: 'file', path }, options)).rejects.toBeInstanceOf(ArchiveError);
  const input = inPieces(Buffer.from('no archive'), 3);
  await expect(openArchiveFile(STREAM, { ...options, input })).rejects.toBeInstanceOf(ArchiveError);
  expect(open.size).toBe(0);
});

test('a signal and a full disk end the reading of standard input, and leave nothing open', async () => {
  const { bytes } = writeArchive({ codec, groups: GROUPS });
  const { options, open } = counting();
  const aborted = { ...options, input: inPieces(bytes, 100), signal: AbortSignal.abort() };
  await expect(openArchiveFile(STREAM, aborted)).rejects.toBeInstanceOf(InterruptedError);
  const write = (): never => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28 });
  };
  const full = { fs: { ...nodeFileSystem, ...options.fs, write }, input: inPieces(bytes, 100) };
  await expect(openArchiveFile(STREAM, full)).rejects.toBeInstanceOf(SystemError);
  expect(open.size).toBe(0);
});
