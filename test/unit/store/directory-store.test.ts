import { describe, expect, it } from 'vitest';
import { archiveKey } from '../../../src/store/archive-name.ts';
import { DirectoryStore } from '../../../src/store/directory-store.ts';
import { crashChoices } from '../../support/disk/crash-choice.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../support/disk/tree.ts';
import { nameAt, storeOn } from '../../support/store/stored.ts';

const KEY = archiveKey(nameAt('2025-11-26T03:15:00Z'));

function newDisk(options: SimulationOptions = {}): SimulatedFileSystem {
  const disk = new SimulatedFileSystem(options);
  disk.mkdir('/store', 0o700);
  return disk;
}

const text = (disk: SimulatedFileSystem, path: string) => Buffer.from(readWhole(disk, path)).toString();

describe.each([
  ['with hard links', true],
  ['without hard links', false],
])('a store in a directory %s', (_, hardLinks) => {
  it('holds an object once it is complete, for its owner alone', async () => {
    const disk = newDisk({ hardLinks });
    const store = storeOn(disk);
    const draft = await store.draft();
    disk.write(draft.fd, Buffer.from('archive'));
    expect(disk.readdir('/store')).toEqual(['.postsnap.000000000001.tmp']);
    expect(await draft.publish(KEY)).toBe('created');
    await draft.discard();
    expect(disk.readdir('/store')).toEqual(['mail.example.org']);
    expect(disk.lstat('/store/mail.example.org')).toMatchObject({ mode: 0o700 });
    expect(disk.lstat(`/store/${KEY}`)).toMatchObject({ mode: 0o600, links: 1 });
    expect(text(disk, await store.fileOf(KEY))).toBe('archive');
    expect(await store.list()).toEqual([{ key: KEY, size: 7, modified: expect.any(Number) }]);
    expect(disk.openDescriptors).toBe(0);
  });

  it('holds it durably when it is published', async () => {
    const disk = newDisk({ hardLinks });
    disk.settle();
    const draft = await storeOn(disk).draft();
    disk.write(draft.fd, Buffer.from('archive'));
    await draft.publish(KEY);
    for (const choice of crashChoices(10)) {
      expect(text(disk.afterCrash(choice), `/store/${KEY}`), choice.title).toBe('archive');
    }
  });

  it('never replaces an object', async () => {
    const disk = newDisk({ hardLinks });
    const store = storeOn(disk);
    putFile(disk, `/store/${KEY}`, { content: 'theirs' });
    const draft = await store.draft();
    disk.write(draft.fd, Buffer.from('ours'));
    expect(await draft.publish(KEY)).toBe('exists');
    await draft.discard();
    expect(text(disk, `/store/${KEY}`)).toBe('theirs');
    expect(disk.readdir('/store')).toEqual(['mail.example.org']);
    expect(await store.mark(KEY)).toBe('exists');
    expect(text(disk, `/store/${KEY}`)).toBe('theirs');
  });
});

describe('a draft', () => {
  it('that is discarded leaves nothing', async () => {
    const disk = newDisk();
    const draft = await storeOn(disk).draft();
    await draft.discard();
    await draft.discard();
    expect(disk.readdir('/store')).toEqual([]);
    expect(disk.openDescriptors).toBe(0);
  });

  it('that fails at any call leaves no descriptor, and no half object', async () => {
    const faults = new Faults();
    const write = async (disk: SimulatedFileSystem, plan: Faults) => {
      const fs = faultyFileSystem(disk, plan);
      const draft = await storeOn(fs).draft();
      try {
        fs.write(draft.fd, Buffer.from('archive'));
        await draft.publish(KEY);
      } finally {
        await draft.discard();
      }
    };
    await write(newDisk(), faults);
    for (const { index } of faults.calls) {
      const disk = newDisk();
      const failed = await write(disk, new Faults().failAt(index, 'EIO')).catch((error: unknown) => error);
      const found = disk.lstat(`/store/${KEY}`);
      expect(failed !== undefined || found?.size === 7, `call ${index}`).toBe(true);
      expect([undefined, 7], `call ${index}`).toContain(found?.size);
      expect(disk.openDescriptors, `call ${index}`).toBe(0);
    }
  });
});

describe('a mark', () => {
  it('is an empty object, made once', async () => {
    const disk = newDisk();
    const store = storeOn(disk);
    expect(await store.mark('h/x.pin')).toBe('created');
    expect(await store.mark('h/x.pin')).toBe('exists');
    expect(disk.lstat('/store/h/x.pin')).toMatchObject({ mode: 0o600, size: 0 });
    await store.remove('h/x.pin');
    await store.remove('h/x.pin');
    expect(disk.readdir('/store/h')).toEqual([]);
  });
});

describe('a listing', () => {
  it('has the files of the store and of its lines, and follows no links', async () => {
    const disk = newDisk();
    putFile(disk, '/store/notes', {});
    putFile(disk, '/store/h/a', { content: '12' });
    putFile(disk, '/store/h/deep/b', {});
    putFile(disk, '/elsewhere/c', {});
    disk.symlink('/elsewhere', '/store/link');
    disk.symlink('/elsewhere/c', '/store/h/link');
    expect((await storeOn(disk).list()).map(({ key }) => key).sort()).toEqual(['h/a', 'notes']);
  });

  it('passes over what goes away meanwhile', async () => {
    const disk = newDisk();
    putFile(disk, '/store/h/a', {});
    const fs = faultyFileSystem(
      disk,
      new Faults().beforeCall(({ name, paths }) => {
        if (name === 'lstat' && paths[0] === '/store/h/a') {
          disk.unlink('/store/h/a');
        }
      }),
    );
    expect(await storeOn(fs).list()).toEqual([]);
  });

  it('of a store that is not there is refused', async () => {
    const store = new DirectoryStore(newDisk(), '/nowhere', () => 'x');
    await expect(store.list()).rejects.toMatchObject({ code: 'not-found', nextStep: expect.any(String) });
  });
});

describe('reading', () => {
  it('gives a range, and what there is of it at the end', async () => {
    const disk = newDisk();
    putFile(disk, '/store/h/a', { content: '0123456789' });
    const read = async (offset: number, length: number) =>
      Buffer.from(await storeOn(disk).read('h/a', { offset, length })).toString();
    expect(await read(2, 3)).toBe('234');
    expect(await read(8, 5)).toBe('89');
    expect(await read(20, 5)).toBe('');
  });
});

describe('making it ready', () => {
  it('makes a directory for its owner alone where only that is missing', async () => {
    const disk = newDisk();
    const store = new DirectoryStore(disk, '/store/new', () => 'x');
    expect(await store.prepare()).toBe('created');
    expect(await store.prepare()).toBe('exists');
    expect(disk.lstat('/store/new')).toMatchObject({ type: 'directory', mode: 0o700 });
  });

  it.each(['/missing/store', '/file', '/file/store'])('refuses %s', async (path) => {
    const disk = newDisk();
    putFile(disk, '/file', {});
    const store = new DirectoryStore(disk, path, () => 'x');
    await expect(store.prepare()).rejects.toMatchObject({ code: expect.stringMatching(/not-found|refused/u) });
    expect(disk.lstat('/missing')).toBeUndefined();
  });
});
