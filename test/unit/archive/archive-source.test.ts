import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ArchiveSource, openOrigin } from '../../../src/archive/archive-source.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { noise, temporaryDirectory } from '../../support/archive/sample-archive.ts';

test('a source that is opened from the origin of another reads the same bytes, each with a window of its own', () => {
  const path = join(temporaryDirectory(), 'bytes');
  const bytes = Buffer.from(noise(1_000_000, 1));
  writeFileSync(path, bytes);
  const source = new ArchiveSource(nodeFileSystem, openSync(path, 'r'));
  const another = openOrigin(nodeFileSystem, structuredClone(source.origin));
  const first = source.read(0, 1000);
  expect(Buffer.from(another.read(600_000, 300_000)).equals(bytes.subarray(600_000, 900_000))).toBe(true);
  expect(Buffer.from(first).equals(bytes.subarray(0, 1000))).toBe(true);
  expect(source.size).toBe(1_000_000);
  source.close();
  // Its number may be another file's by now: a second close must leave that alone.
  const { fd } = source.origin;
  const later = openSync(path, 'r');
  source.close();
  expect(later).toBe(fd);
  expect(fstatSync(later).size).toBe(1_000_000);
  closeSync(later);
});
