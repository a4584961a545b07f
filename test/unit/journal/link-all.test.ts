/** The names of a restore: each file gets its own, still unready, or the next one that is free in every queue. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { linkAll } from '../../../src/journal/link-all.ts';
import type { Staging } from '../../../src/journal/staging.ts';
import { nextMicrosecond, parseQueueId } from '../../../src/queue/queue-id.ts';
import { Faults } from '../../support/disk/faults.ts';
import { putFile } from '../../support/disk/tree.ts';
import { entryOf, JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;
let staging: Staging;
let entry: JournalEntry;

beforeEach(() => {
  world = new JournalWorld();
  staging = world.begin();
  entry = world.stage(staging, 0, { log: 'why' });
  staging.seal();
});

function nextName(queueId: string): string {
  const id = parseQueueId(queueId);
  return id === undefined ? '' : nextMicrosecond(id).text;
}

const logPath = (name: string): string => `/queue/defer/${name.slice(0, 1)}/${name}`;

describe('linking all', () => {
  it('gives message and log their name, unready, and leaves the staged one', async () => {
    const work = world.work(staging);
    await linkAll(work, {});
    expect(work.step(0)).toBe('linked');
    expect(world.disk.lstat(`/queue/hold/${entry.newQueueId}`)).toMatchObject({
      inode: entry.inode,
      links: 2,
      mode: 0o600,
    });
    expect(world.contentAt(logPath(entry.newQueueId))).toBe('why');
  });

  it.each(['hold', 'corrupt', 'incoming'])(
    'moves on when a message in %s has the name, and spares that one',
    async (queue) => {
      const path = `/queue/${queue}/${entry.newQueueId}`;
      putFile(world.disk, path, { content: 'of somebody', mode: 0o700 });
      const work = world.work(staging);
      await linkAll(work, {});
      const name = nextName(entry.newQueueId);
      expect(world.contentAt(path)).toBe('of somebody');
      expect(world.contentAt(`/queue/hold/${name}`)).toBe('message 0');
      expect([world.contentAt(logPath(name)), world.contentAt(logPath(entry.newQueueId))]).toEqual(['why', undefined]);
      expect(entryOf(work, 0)).toMatchObject({ entry: { newQueueId: name }, formerIds: [entry.newQueueId] });
    },
  );

  it('makes another’s log no log of ours', async () => {
    putFile(world.disk, logPath(entry.newQueueId), { content: 'of somebody' });
    const work = world.work(staging);
    await linkAll(work, {});
    expect(world.contentAt(logPath(entry.newQueueId))).toBe('of somebody');
    expect(world.contentAt(logPath(nextName(entry.newQueueId)))).toBe('why');
  });

  it('has the journal know a new name durably before a log takes it', async () => {
    putFile(world.disk, `/queue/hold/${entry.newQueueId}`, { content: 'of somebody' });
    const calls: string[] = [];
    const faults = new Faults().afterCall(({ name, paths }) => calls.push(`${name} ${paths.at(-1) ?? ''}`));
    await linkAll(world.work(staging, faults), {});
    const named = calls.indexOf(`link ${logPath(nextName(entry.newQueueId))}`);
    const known = calls.lastIndexOf('fsync ', named);
    expect(known).toBeGreaterThan(calls.lastIndexOf('write ', named));
    expect(known).toBeLessThan(named);
  });

  it('lets a message wait that the system does not let be linked, and takes its log’s name back', async () => {
    const faults = new Faults().failWhen(
      ({ name, paths }) => name === 'link' && paths[1]?.startsWith('/queue/hold/') === true,
      'EXDEV',
    );
    const work = world.work(staging, faults);
    await linkAll(work, {});
    expect(work.step(0)).toBe('stuck');
    expect(world.told.failed[0]?.[1]).toMatchObject({ kind: 'stuck', reason: expect.stringContaining('EXDEV') });
    expect(world.contentAt(logPath(entry.newQueueId))).toBeUndefined();
    expect(world.contentAt(`${staging.directory}/0/0.message`)).toBe('message 0');
  });

  it('searches for a message whose staged name has gone', async () => {
    world.disk.unlink(`${staging.directory}/0/0.message`);
    const work = world.work(staging);
    await linkAll(work, {});
    expect(work.step(0)).toBe('astray');
  });

  it('ends at an error of the whole disk', async () => {
    const faults = new Faults().failWhen(({ name }) => name === 'link', 'EIO');
    await expect(linkAll(world.work(staging, faults), {})).rejects.toThrow('EIO');
  });
});
