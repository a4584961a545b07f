/** Whether nothing of Postfix works on a queue: only what is known counts. */

import { expect, it } from 'vitest';
import { isPostfixStopped } from '../../../src/backup/stopped.ts';
import { makeQueueDirectory } from '../../support/queue/queue-directory.ts';

it('is known to root of a queue whose master has no lock, and to nobody else', () => {
  const queue = makeQueueDirectory();
  const known = isPostfixStopped(queue);
  expect(known === true ? process.geteuid?.() : 0).toBe(0);
  const { geteuid } = process;
  try {
    process.geteuid = () => 1000;
    expect(isPostfixStopped(queue)).toBe(false);
  } finally {
    process.geteuid = geteuid as () => number;
  }
});
