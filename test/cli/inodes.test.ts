/** Inode numbers that have the highest of their 64 bits set: GlusterFS, overlayfs with xino and some NFS servers have them. */

import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import {
  logsIn,
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

const SOURCE = fileURLToPath(new URL('../support/process/high-inodes.c', import.meta.url));
const HIGHEST_BIT = 1n << 63n;

test('mail is backed up and restored under inode numbers from 2^63 on, with names that are true to them', () => {
  const scratch = scratchDirectory();
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  const library = join(scratch, 'high-inodes.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', library, SOURCE, '-ldl']);
  const environment = { LD_PRELOAD: library };
  const source = makeSampleQueue(join(scratch, 'source'));
  const target = makeEmptyQueue(join(scratch, 'target'));
  const archive = join(scratch, 'a.tar.zst');
  const taken = postsnap(['backup', '-j', '--verify', ...queueOptions(source), archive], { environment });
  expect([taken.status, taken.stderr]).toEqual([0, '']);
  const { messages } = JSON.parse(taken.stdout) as { messages: number };
  expect(messages).toBe(messagesIn(source).length);
  const restored = postsnap(['restore', '-j', ...queueOptions(target), archive], { environment });
  expect(restored.status).toBe(0);
  const found = messagesIn(target);
  expect(found).toHaveLength((JSON.parse(restored.stdout) as { restored: number }).restored);
  expect(found.length).toBeGreaterThan(0);
  for (const { queueId, path } of found) {
    const inode = (statSync(path, { bigint: true }).ino | HIGHEST_BIT).toString(16).toUpperCase();
    expect(queueId.slice(5)).toBe(inode);
  }
  const ids = new Set(found.map(({ queueId }) => queueId));
  expect(logsIn(target).filter(({ queueId }) => !ids.has(queueId))).toEqual([]);
});
