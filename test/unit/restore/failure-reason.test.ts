/** The codes of what was not put into a queue. */

import { expect, it } from 'vitest';
import type { Failure } from '../../../src/journal/work.ts';
import { reasonOf } from '../../../src/restore/failure-reason.ts';

it.each<[Failure, object]>([
  [{ kind: 'lost' }, { code: 'vanished' }],
  [{ kind: 'uncertain' }, { code: 'vanished-perhaps-delivered', queueId: 'A00011F' }],
  [
    { kind: 'stuck', reason: 'EACCES (link /q)' },
    { code: 'not-placed', obstacle: 'EACCES (link /q)' },
  ],
])('tells %j by a code, with the ID to look for in the log where nobody can tell', (failure, reason) => {
  expect(reasonOf(failure, 'A00011F')).toEqual(reason);
});
