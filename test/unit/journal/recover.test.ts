/** What a journal's messages have become meanwhile: each is found again, or it is told that it is nowhere. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { linkAll } from '../../../src/journal/link-all.ts';
import { recover } from '../../../src/journal/recover.ts';
import type { Staging } from '../../../src/journal/staging.ts';
import type { Work } from '../../../src/journal/work.ts';
import { parseQueueId } from '../../../src/queue/queue-id.ts';
import { putFile } from '../../support/disk/tree.ts';
import { contentOf, entryOf, fingerprintOf, JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;
let staging: Staging;
let entry: JournalEntry;
let staged: string;
let own: string;

beforeEach(() => {
  world = new JournalWorld();
  staging = world.begin();
  entry = world.stage(staging, 0);
  staging.seal();
  staged = `${staging.directory}/0/0.message`;
  own = `/queue/hold/${entry.newQueueId}`;
});

async function recovered(prepare: (work: Work) => void = () => undefined): Promise<Work> {
  const work = world.work(staging);
  prepare(work);
  await recover(work, {});
  return work;
}

function makeReady(path: string): void {
  const fd = world.disk.open(path, 0);
  world.disk.fchmod(fd, 0o700);
  world.disk.close(fd);
}

describe('a message that is found', () => {
  it('is staged still, with its name or without', async () => {
    expect((await recovered()).step(0)).toBe('staged');
    await linkAll(world.work(staging), {});
    expect((await recovered()).step(0)).toBe('staged');
    expect(world.disk.lstat(own)?.links).toBe(2);
  });

  it('has its name alone', async () => {
    world.disk.rename(staged, own);
    const work = await recovered();
    expect([work.step(0), world.told.done]).toEqual(['placed', []]);
  });

  it('is ready: it is handed over, and loses the second name that pickup would delete it for', async () => {
    await linkAll(world.work(staging), {});
    makeReady(own);
    const work = await recovered();
    expect([work.step(0), world.told.done]).toEqual(['over', [fingerprintOf(0)]]);
    expect([world.disk.lstat(staged), world.disk.lstat(own)?.links]).toEqual([undefined, 1]);
  });

  it('was put into another queue by an administrator: there it goes on', async () => {
    world.disk.rename(staged, `/queue/incoming/${entry.newQueueId}`);
    const work = await recovered();
    expect(work.step(0)).toBe('placed');
    expect(entryOf(work, 0).entry.newQueueName).toBe('incoming');
  });

  it('stands where Postfix would not find it: it is staged again, and the other name goes', async () => {
    const odd = `/queue/deferred/${entry.newQueueId}`;
    world.disk.rename(staged, odd);
    const work = await recovered();
    expect([work.step(0), world.disk.lstat(odd), world.contentAt(staged)]).toEqual(['staged', undefined, contentOf(0)]);
    expect(entryOf(work, 0).entry.newQueueName).toBe('deferred');
  });

  it('is a copy: its new name is true to the new inode', async () => {
    world.disk.unlink(staged);
    putFile(world.disk, '/queue/elsewhere', {});
    putFile(world.disk, staged, { content: contentOf(0), mode: 0o600 });
    const inode = world.disk.lstat(staged)?.inode;
    const work = await recovered();
    expect(inode).not.toBe(entry.inode);
    expect(work.step(0)).toBe('staged');
    expect(parseQueueId(entryOf(work, 0).entry.newQueueId)?.inode).toBe(inode);
  });

  it('has another name by postsuper -s: it is known by its content, and staged again', async () => {
    world.disk.rename(staged, '/queue/hold/B0001FFF');
    const work = await recovered();
    expect([work.step(0), world.contentAt(staged)]).toEqual(['staged', contentOf(0)]);
    expect(world.disk.lstat('/queue/hold/B0001FFF')).toBeUndefined();
  });
});

describe('a message that is nowhere', () => {
  beforeEach(() => {
    world.disk.unlink(staged);
  });

  it('is lost, if no mark says that it may have been ready', async () => {
    const work = await recovered();
    expect([work.step(0), world.told.failed]).toEqual(['over', [[fingerprintOf(0), { kind: 'lost' }]]]);
  });

  it('is uncertain where a mark says so', async () => {
    await recovered((work) => work.journal.mark({ kind: '~', first: 0, last: 0 }));
    expect(world.told.failed).toEqual([[fingerprintOf(0), { kind: 'uncertain' }]]);
  });

  it('is Postfix’s where it was made ready', async () => {
    await recovered((work) => work.journal.mark({ kind: '+', index: 0 }));
    expect([world.told.done, world.told.failed]).toEqual([[fingerprintOf(0)], []]);
  });
});
