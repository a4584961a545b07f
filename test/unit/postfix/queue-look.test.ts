import { expect, it } from 'vitest';
import { lookAtQueue } from '../../../src/postfix/queue-look.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

function lookAt(...paths: readonly string[]): Record<string, string> {
  const disk = new SimulatedFileSystem();
  for (const path of paths) {
    if (path.endsWith('/')) {
      makeDirectories(disk, path.slice(0, -1));
    } else {
      makeDirectories(disk, path.slice(0, path.lastIndexOf('/')));
      putFile(disk, path, {});
    }
  }
  return Object.fromEntries(lookAtQueue(disk, '/q'));
}

it('tells the owner alone of an empty queue', () => {
  expect(lookAt('/q/incoming/', '/q/deferred/')).toEqual({ mail_owner: '0' });
  expect(lookAt('/q/')).toEqual({});
});

it('tells which queues are hashed, and how deep', () => {
  expect(lookAt('/q/deferred/A/B/', '/q/defer/1/', '/q/active/')).toMatchObject({
    hash_queue_names: 'deferred, defer',
    hash_queue_depth: '2',
  });
});

it('takes no directory of maildrop for a hash directory, and no file for one', () => {
  expect(lookAt('/q/maildrop/A/', '/q/deferred/B')).toEqual({});
});

it.each([
  ['4F1A21B', 'no'],
  ['4bXyz21cBkzyk', 'yes'],
])('tells the form of the queue IDs by %s', (id, expected) => {
  expect(lookAt(`/q/deferred/4/${id}`)['enable_long_queue_ids']).toBe(expected);
});
