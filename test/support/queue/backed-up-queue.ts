/** A sample queue and its archive, for the tests of one file. */

import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { postsnap } from '../process/command.ts';
import { makeSampleQueue, queueOptions } from './sample-queue.ts';

export interface BackedUpQueue {
  /** Where a test may put what it likes: it goes when the tests of the file have ended. */
  readonly scratch: string;
  readonly source: string;
  readonly archive: string;
}

/** To be called where tests are described: the files are there when the first test begins. */
export function backedUpQueue(): BackedUpQueue {
  const scratch = join(tmpdir(), `postsnap-cli-${randomUUID()}`);
  const source = join(scratch, 'source');
  const archive = join(scratch, 'queue.tar.zst');
  beforeAll(() => {
    mkdirSync(scratch, { mode: 0o700 });
    makeSampleQueue(source);
    expect(postsnap(['backup', ...queueOptions(source), archive])).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });
  return { scratch, source, archive };
}
