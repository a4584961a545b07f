/** Whether nothing of Postfix works on a queue: only what is known counts. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isPostfixStopped } from '../../../src/backup/stopped.ts';
import { makeQueueDirectory } from '../../support/queue/queue-directory.ts';

const isRoot = process.geteuid?.() === 0;

it('is known to root of a queue that has no lock of a master, and to nobody else', () => {
  const queue = makeQueueDirectory();
  expect(isPostfixStopped(queue)).toBe(isRoot);
  const { geteuid } = process;
  try {
    process.geteuid = () => 1000;
    expect(isPostfixStopped(queue)).toBe(false);
  } finally {
    process.geteuid = geteuid as () => number;
  }
});

it('is not so while the lock is held, and is so again when it is not', async () => {
  const queue = makeQueueDirectory();
  const lockFile = join(queue, 'pid/master.pid');
  mkdirSync(join(queue, 'pid'));
  writeFileSync(lockFile, '');
  const master = spawn('flock', ['-x', lockFile, 'sh', '-c', 'echo; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(master.stdout, 'data');
  expect(isPostfixStopped(queue)).toBe(false);
  master.stdin.end();
  await once(master, 'exit');
  expect(isPostfixStopped(queue)).toBe(isRoot);
});

it('is not known where the system has no answer', () => {
  const queue = makeQueueDirectory();
  symlinkSync('pid', join(queue, 'pid'));
  expect(isPostfixStopped(queue)).toBe(false);
});
