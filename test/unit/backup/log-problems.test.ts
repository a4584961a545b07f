/** The logs that are missing in an archive: a directory that can't be listed is named once. */

import { expect, it } from 'vitest';
import { LogProblems } from '../../../src/backup/log-problems.ts';
import { reasonOf } from '../../../src/spool/reason.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

const refused = errnoError('EACCES', 'readdir', '/q/defer/A');
const reason = reasonOf(refused);

it('names a directory once, and none of its logs that fail for the same reason', () => {
  const problems = new LogProblems();
  problems.noteUnlisted([{ queueName: 'defer', path: 'defer/A', error: refused }]);
  problems.noteUnlisted([{ queueName: 'defer', path: 'defer/A', error: refused }]);
  problems.note({ path: 'defer/A/A1', queueName: 'defer', queueId: 'A1', reason });
  expect(problems.list()).toEqual([
    { queue_name: 'defer', queue_id: 'A', reason: `the directory of logs can't be listed: ${reason}` },
  ]);
});

it('names a log of another directory, or with another reason, and each once', () => {
  const problems = new LogProblems();
  problems.noteUnlisted([{ queueName: 'defer', path: 'defer/A', error: refused }]);
  problems.note({ path: 'defer/B/B1', queueName: 'defer', queueId: 'B1', reason });
  problems.note({ path: 'defer/A/A1', queueName: 'defer', queueId: 'A1', reason: 'the disk' });
  problems.note({ path: 'defer/A/A1', queueName: 'defer', queueId: 'A1', reason: 'the disk' });
  expect(problems.list().slice(1)).toEqual([
    { queue_name: 'defer', queue_id: 'B1', reason },
    { queue_name: 'defer', queue_id: 'A1', reason: 'the disk' },
  ]);
});
