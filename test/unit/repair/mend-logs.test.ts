/** A log that is given its place, on a disk that is synced name by name. */

import { expect, it } from 'vitest';
import { queueFilePath } from '../../../src/queue/layout.ts';
import { parseQueueId } from '../../../src/queue/queue-id.ts';
import { moveLogs } from '../../../src/repair/mend-logs.ts';
import { nothingMore } from '../../support/disk/crash-choice.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

const ID = 'ABCDE12345';

/** After a power loss directly before the old name goes. */
it.each([1, 2, 3, 5])('has its new name on disk before the old one goes, hash_queue_depth %i', (hashQueueDepth) => {
  const disk = new SimulatedFileSystem({ wholeSync: false });
  makeDirectories(disk, '/queue/defer');
  putFile(disk, `/queue/defer/${ID}`, { content: 'log', mode: 0o600 });
  for (const path of ['/', '/queue', '/queue/defer', `/queue/defer/${ID}`]) {
    const fd = disk.open(path, 0);
    disk.fsync(fd);
    disk.close(fd);
  }
  const status = disk.lstat(`/queue/defer/${ID}`);
  const id = parseQueueId(ID);
  if (status === undefined || id === undefined) {
    throw new Error('no log');
  }
  const layout = { hashQueueNames: new Set(['defer']), hashQueueDepth };
  const own = `/queue/${queueFilePath(layout, 'defer', id)}`;
  const faults = new Faults();
  const left: unknown[] = [];
  faults.beforeCall(({ name }) => {
    if (name === 'unlink') {
      left.push(disk.afterCrash(nothingMore).lstat(own)?.type);
    }
  });
  const failures = moveLogs(
    {
      fs: faultyFileSystem(disk, faults),
      queueDirectory: '/queue',
      layout,
    },
    [
      {
        file: { path: `defer/${ID}`, queueName: 'defer', id, isUnfinished: false, status, content: undefined },
        queueId: ID,
      },
    ],
  );
  expect([...failures]).toEqual([]);
  expect(left).toEqual(['file']);
  expect(disk.lstat(`/queue/defer/${ID}`)).toBeUndefined();
});
