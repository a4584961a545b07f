/** What is restored of an archive: all of it; or what is intact, with the names of what is not. */

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { openRestoredArchive, type RestoredArchive } from '../../../src/restore/restored-archive.ts';
import { sampleArchive } from '../../support/restore/world.ts';

const SALVAGE = { timeout: 30_000 };

/** Opens the sample archive with another content. */
async function open(change: (whole: Buffer) => Buffer, salvage: boolean): Promise<RestoredArchive> {
  const whole = readFileSync(await sampleArchive());
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-restored-archive-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'archive'), change(whole));
  const files = ['archive', 'intact', 'catalogue'].map((name) => {
    const fd = openSync(join(directory, name), name === 'archive' ? 'r' : 'w+');
    onTestFinished(() => closeSync(fd));
    return fd;
  });
  const names = ['one', 'two', 'three'];
  return openRestoredArchive(nodeFileSystem, {
    files,
    archiveName: 'a.tar.zst',
    salvage,
    randomName: () => names.pop() ?? '',
  });
}

const namesIn = ({ archive }: RestoredArchive): string[] =>
  [...archive.catalogue()].map(({ queue_name, queue_id }) => `${queue_name}/${queue_id}`).sort();

const ALL = ['bounce/0A16F210466', 'deferred/0A16F210466', 'hold/072AE210465'];

it.each([false, true])(
  'has every file of a whole archive, and nothing is lost: salvage %s',
  SALVAGE,
  async (salvage) => {
    const restored = await open((whole) => whole, salvage);
    expect(namesIn(restored)).toEqual(ALL);
    expect(restored).toMatchObject({ lost: [], unaccountedBytes: 0, warnings: [] });
  },
);

it('is refused if it was cut off, by its name', SALVAGE, async () => {
  const opened = open((whole) => whole.subarray(0, whole.length - 30), false);
  await expect(opened).rejects.toMatchObject({ message: expect.stringContaining('a.tar.zst'), code: 'incomplete' });
});

it('tells how much nobody knows of, where its end is lost and is to be salvaged', SALVAGE, async () => {
  const restored = await open((whole) => whole.subarray(0, whole.length - 600), true);
  expect(namesIn(restored)).toEqual(ALL);
  expect(restored.lost).toEqual([]);
  expect(restored.unaccountedBytes).toBeGreaterThan(0);
  expect(restored.warnings).toEqual([
    expect.stringContaining(
      `the archive's catalogue can't be relied on: ${restored.unaccountedBytes} bytes of the archive`,
    ),
    expect.stringContaining('such mail may go out again'),
  ]);
});

it('is no archive, and its name is told, where nothing is intact', SALVAGE, async () => {
  await expect(open(() => Buffer.from('no archive at all'), true)).rejects.toMatchObject({
    code: 'foreign',
    message: expect.stringContaining('a.tar.zst'),
  });
});
