/** What is said of copies that something is odd about. */

import { expect, it } from 'vitest';
import { nowOf, tellRemarks } from '../../../src/backup/remarks.ts';
import type { CopyRemark } from '../../../src/backup/snapshot.ts';

function told(remarks: readonly (readonly [CopyRemark, number])[], mayBeTwice = false): string[] {
  const messages: string[] = [];
  tellRemarks(
    { remarks: new Map(remarks), mayBeTwice },
    { onEvent: (event) => void messages.push(event.kind === 'warning' ? event.message : event.kind) },
  );
  return messages;
}

it('says nothing where nothing is odd', () => {
  expect(told([['mode lost', 0]])).toEqual([]);
});

it('counts, in one order, whatever was noted first', () => {
  const [modes, lines] = told([
    ['shortened', 1],
    ['mode lost', 3],
  ]);
  expect(modes).toMatch(/^3 messages are in the archive without the mode of a finished queue file/u);
  expect(lines).toMatch(/^1 message is in the archive whole, but with a shortened line/u);
});

it('warns first of what may go out twice', () => {
  expect(told([['shortened', 2]], true)[0]).toContain('both copies are in the archive');
});

it('takes the time of a snapshot from its header', () => {
  expect(nowOf({ started: '2023-11-14T22:13:20.250Z' })).toBe(1_700_000_000_250_000_000n);
});
