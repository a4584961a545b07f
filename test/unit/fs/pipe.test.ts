/** A pipe of this process alone leads nowhere: nobody takes what is written, nobody sends what is read. */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../../src/fs/open-flags.ts';
import { isOpenDescriptor, isPipe } from '../../../src/fs/pipe.ts';

it('a pipe with both ends in this process is none: libuv wakes itself by such', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-pipe-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'pipe');
  spawnSync('mkfifo', [path]);
  const reading = openSync(path, O_RDONLY | O_NONBLOCK);
  const writing = openSync(path, O_WRONLY);
  const name = `/dev/fd/${writing}`;
  expect([isPipe(`/dev/fd/${reading}`), isPipe(name), isOpenDescriptor(name)]).toEqual([false, false, false]);
  closeSync(reading);
  expect([isPipe(path), isPipe(name), isOpenDescriptor(name)]).toEqual([true, true, true]);
  closeSync(writing);
});
