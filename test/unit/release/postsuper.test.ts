import { expect, it } from 'vitest';
import { readOutcome } from '../../../src/release/postsuper.ts';

const DONE = 'postsuper: A00011F: released from hold\npostsuper: B00011F: requeued\n';

it('tells what was released, and complains of nothing where all went well', () => {
  const outcome = readOutcome({ status: 0, stderr: `${DONE}postsuper: Released from hold: 1 message\n` });
  expect(outcome).toEqual({ released: new Set(['A00011F', 'B00011F']), complaint: '' });
});

it.each([
  [undefined, '', 'postsuper was killed before it was done'],
  [1, '', 'postsuper ended with status 1'],
  [1, 'postsuper: fatal: no queue\n', 'postsuper: fatal: no queue'],
])('names what was done before it ended, and why it ended: status %s', (status, words, complaint) => {
  expect(readOutcome({ status, stderr: DONE + words })).toEqual({
    released: new Set(['A00011F', 'B00011F']),
    complaint,
  });
});
