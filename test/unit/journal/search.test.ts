/** The search by content: what has another inode or another name is found, and what is something else is not. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { hasContent, search } from '../../../src/journal/search.ts';
import { marksOf } from '../../../src/record/done-recipients.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { fingerprintOf } from '../../../src/record/fingerprint.ts';
import { putFile } from '../../support/disk/tree.ts';
import { contentOf, JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

function searchFor(which: 'unready' | 'ready', changes: Partial<JournalEntry> = {}): string[] {
  const staging = world.begin();
  world.stage(staging, 0, changes);
  staging.seal();
  const finds = search(world.target(), world.work(staging).journal.entries(), which);
  return (finds.get(0) ?? []).map(({ path, queueName, queueId }) => `${path} ${queueName}/${queueId}`);
}

describe('what is unready', () => {
  it('is found by its content, in whichever queue, under whatever name, half a name too', () => {
    putFile(world.disk, '/queue/corrupt/X1', { content: contentOf(0), mode: 0o600 });
    putFile(world.disk, '/queue/deferred/B/B1#FIX', { content: contentOf(0), mode: 0o600 });
    expect(searchFor('unready').sort()).toEqual([
      '/queue/corrupt/X1 corrupt/X1',
      '/queue/deferred/B/B1#FIX deferred/B1',
    ]);
  });

  it('is not what is ready, has another size, or other bytes', () => {
    putFile(world.disk, '/queue/hold/A1', { content: contentOf(0), mode: 0o700 });
    putFile(world.disk, '/queue/hold/A2', { content: `${contentOf(0)}!`, mode: 0o600 });
    putFile(world.disk, '/queue/hold/A3', { content: contentOf(1), mode: 0o600 });
    expect(searchFor('unready')).toEqual([]);
  });

  it('is not the place that a repair takes it from', () => {
    putFile(world.disk, '/queue/corrupt/X1', { content: contentOf(0), mode: 0o600 });
    const staging = world.begin();
    const entry = world.stage(staging, 1);
    staging.appendInQueue({ ...entry, from: 'corrupt/X1', sha256: digestOf(contentOf(0)), size: contentOf(0).length });
    staging.seal();
    expect(search(world.target(), world.work(staging).journal.entries(), 'unready')).toEqual(new Map());
  });

  it('is a file, and no link to one', () => {
    putFile(world.disk, '/elsewhere', { content: contentOf(0), mode: 0o600 });
    world.disk.symlink('/elsewhere', '/queue/hold/A1');
    expect(searchFor('unready')).toEqual([]);
  });
});

it('knows what is ready by its fingerprint: Postfix marks recipients in place', () => {
  const archived = readFileSync(join(import.meta.dirname, '../../../fixtures/queue-files/multi-recipient.queue'));
  const examination = examineQueueFile(bytesSource(archived), 'deferred');
  const delivered = Buffer.from(archived);
  const [mark = 0] = marksOf(examination, () => true);
  delivered[mark] = 'D'.charCodeAt(0);
  putFile(world.disk, '/queue/active/A1', { content: delivered, mode: 0o700 });
  const wanted = {
    size: archived.length,
    sha256: digestOf(archived),
    fingerprint: fingerprintOf(bytesSource(archived), examination.mutableBytes),
  };
  expect(delivered.equals(archived)).toBe(false);
  expect(searchFor('ready', wanted)).toEqual(['/queue/active/A1 active/A1']);
  expect(searchFor('unready', wanted)).toEqual([]);
});

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

it('knows a file by all that it holds', () => {
  const content = 'x'.repeat(200_000);
  putFile(world.disk, '/queue/hold/A1', { content });
  expect(hasContent(world.disk, '/queue/hold/A1', digestOf(content))).toBe(true);
  expect(hasContent(world.disk, '/queue/hold/A1', digestOf('y'))).toBe(false);
  expect(hasContent(world.disk, '/queue/hold/A2', digestOf(content))).toBe(false);
});
