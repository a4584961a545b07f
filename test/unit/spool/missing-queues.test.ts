import { expect, it } from 'vitest';
import { directoriesText, missingQueues } from '../../../src/spool/missing-queues.ts';
import { errnoError } from '../../support/disk/errno-error.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

it('tells which queues have no directory', () => {
  const disk = new SimulatedFileSystem();
  for (const queue of ['maildrop', 'incoming', 'deferred', 'hold', 'defer', 'bounce', 'trace']) {
    makeDirectories(disk, `/q/${queue}`);
  }
  putFile(disk, '/q/active', {});
  expect(missingQueues(disk, '/q')).toEqual(['active', 'corrupt', 'saved']);
  expect(missingQueues(disk, '/q', ['hold', 'saved'])).toEqual(['saved']);
});

it('takes a queue that only its owner may enter for there', () => {
  const lstat = (): never => {
    throw errnoError('EACCES', 'lstat');
  };
  expect(missingQueues({ lstat }, '/q')).toEqual([]);
});

it('names them', () => {
  expect(directoriesText(['hold'])).toBe('the directory hold');
  expect(directoriesText(['active', 'hold', 'saved'])).toBe('the directories active, hold and saved');
});
