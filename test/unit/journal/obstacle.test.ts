/** Which errors stand in the way of one message, and which in the way of all. */

import { expect, it } from 'vitest';
import { SystemError } from '../../../src/errors.ts';
import { obstacleOf } from '../../../src/journal/obstacle.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

it.each(['EACCES', 'ENOSPC', 'EXDEV', 'ELOOP', 'EEXIST'])('%s stands in the way of one message', (errno) => {
  expect(obstacleOf(errnoError(errno, 'link', '/q/deferred/A/A1'))).toContain(`(${errno}) (link `);
});

it.each(['EIO', 'ESTALE', 'EMFILE', 'EROFS'])('%s is the whole run’s', (errno) => {
  expect(obstacleOf(errnoError(errno, 'link', '/q/deferred/A/A1'))).toBeUndefined();
});

it('names of two paths the new one, which is in the way', () => {
  const error = Object.assign(errnoError('EEXIST', 'link', '/q/postsnap/0'), { dest: '/q/deferred/A/A1' });
  expect(obstacleOf(error)).toBe('File already exists (EEXIST) (link /q/deferred/A/A1)');
});

it('says what was put into words already, by its errno', () => {
  expect(obstacleOf(new SystemError('refused', 'not mail_owner’s', { errno: 'EPERM' }))).toBe('not mail_owner’s');
  expect(obstacleOf(new SystemError('io', 'the disk', { errno: 'EIO' }))).toBeUndefined();
});

it('takes a bug for no obstacle', () => {
  expect(obstacleOf(new TypeError('x is undefined'))).toBeUndefined();
});
