import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestOfDescriptor } from '../../../src/fs/descriptor-digest.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

it.each([0, 1, 65_536, 65_537, 200_000])('is that of all %i bytes', (size) => {
  const content = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
  const disk = new SimulatedFileSystem();
  putFile(disk, '/file', { content });
  const digest = digestOfDescriptor(disk, disk.open('/file', 0));
  expect(digest).toBe(createHash('sha256').update(content).digest('hex'));
});
