import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { withProvenContent } from '../../../src/archive/proven-content.ts';
import type { ByteSource } from '../../../src/byte-source.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { archivedFile, damagedFile } from '../../support/archive/archived-file.ts';

function readAll(source: ByteSource): Buffer {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < source.size; offset += 1000) {
    pieces.push(Uint8Array.from(source.read(offset, 1000)));
  }
  return Buffer.concat(pieces);
}

test.each([
  [0, 1],
  [1, 1],
  [5000, 5000],
  [5000, 4999],
  [5000, 512],
])('%i bytes in pieces of %i are given whole', (size, pieceSize) => {
  const content = randomBytes(size);
  const file = archivedFile('hold/ABCDE12345', content, pieceSize);
  expect(withProvenContent(nodeFileSystem, file, readAll).equals(content)).toBe(true);
});

test.each([5000, 512])('what turns out damaged at its end is not given at all (pieces of %i)', (pieceSize) => {
  const file = damagedFile('hold/ABCDE12345', randomBytes(5000), pieceSize);
  const given: ByteSource[] = [];
  expect(() => withProvenContent(nodeFileSystem, file, (source) => given.push(source))).toThrow(
    expect.objectContaining({ code: 'damaged' }),
  );
  expect(given).toEqual([]);
});

test('no descriptor stays open, whatever happens', () => {
  const open = new Set<number>();
  const fs = {
    ...nodeFileSystem,
    open: (...args: Parameters<typeof nodeFileSystem.open>) => {
      const fd = nodeFileSystem.open(...args);
      open.add(fd);
      return fd;
    },
    close: (fd: number) => {
      nodeFileSystem.close(fd);
      open.delete(fd);
    },
  };
  const file = archivedFile('hold/ABCDE12345', randomBytes(100), 10);
  const fail = () => {
    expect(open.size).toBe(1);
    throw new Error('no use');
  };
  expect(() => withProvenContent(fs, file, fail)).toThrow('no use');
  expect(open.size).toBe(0);
});
