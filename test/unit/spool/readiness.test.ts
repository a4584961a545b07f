import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import type { JournalEntry, JournalOwner } from '../../../src/spool/journal.ts';
import { makeReady } from '../../../src/spool/readiness.ts';
import { makeQueueDirectory, put } from './queue-directory.ts';

const SELF = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const QUEUE_ID = '123450000A';

/** Makes a linked file ready; returns how often root was asked for. */
function ready(queue: MessageQueueName, owner: JournalOwner | undefined): { roots: number; mode: number } {
  const queueDirectory = makeQueueDirectory();
  const place = queue === 'deferred' ? `deferred/1/${QUEUE_ID}` : `${queue}/${QUEUE_ID}`;
  const path = put(queueDirectory, place, { content: 'mail', mode: 0o600 });
  let roots = 0;
  const target = {
    fs: { ...nodeFileSystem, fchown: () => undefined },
    queueDirectory,
    layout: DEFAULT_LAYOUT,
    stagingDirectory: join(queueDirectory, 'postsnap', 'x.staged'),
    asRoot: <Result>(call: () => Result): Result => {
      roots += 1;
      return call();
    },
  };
  const entry: JournalEntry = {
    queue_name: queue,
    queue_id: QUEUE_ID,
    fingerprint: '',
    new_queue_name: queue,
    new_queue_id: QUEUE_ID,
    staged: '0/0.message',
    inode: statSync(path, { bigint: true }).ino,
    size: 4,
    mode: 0o744,
    ...(owner === undefined ? {} : { owner }),
    logs: [],
  };
  try {
    makeReady(target, entry, 'whole');
  } catch {
    // Tests that run as root: what is root's is refused, after root was asked for.
  }
  return { roots, mode: statSync(path).mode & 0o777 };
}

describe('a message that becomes its submitter’s', () => {
  it('takes root, once, in maildrop', () => {
    expect(ready('maildrop', { uid: 1000, gid: 1000 }).roots).toBe(1);
  });

  it.each(['incoming', 'deferred', 'hold', 'active', 'corrupt', 'saved'] as const)(
    'stays mail_owner’s in %s, whatever a journal says: root does not go there',
    (queue) => {
      expect(ready(queue, { uid: 1000, gid: 1000 })).toEqual({ roots: 0, mode: 0o744 });
    },
  );

  it('never becomes root’s', () => {
    expect(ready('maildrop', { uid: 0, gid: SELF.gid })).toEqual({ roots: 0, mode: 0o744 });
  });

  it('does not take root without a submitter', () => {
    expect(ready('maildrop', undefined)).toEqual({ roots: 0, mode: 0o744 });
  });
});
