/** One restore or repair of a queue directory at a time. */

import { expect, it } from 'vitest';
import { BusyError } from '../../../src/errors.ts';
import { lockState } from '../../../src/journal/state-lock.ts';
import { Faults } from '../../support/disk/faults.ts';
import { JournalWorld } from '../../support/journal/world.ts';

it('is held until it is given back, and leaves nothing then', () => {
  const { disk } = new JournalWorld();
  const lock = lockState(disk, '/queue');
  expect(() => lockState(disk, '/queue')).toThrow(BusyError);
  expect(disk.readdir('/queue/postsnap')).not.toEqual([]);
  lock.release();
  expect(disk.readdir('/queue/postsnap')).toEqual([]);
  lockState(disk, '/queue').release();
});

it('says whose the state directory must be, where it may not be used', () => {
  const world = new JournalWorld();
  const { fs } = world.target(new Faults().failWhen(({ name }) => name === 'open', 'EACCES'));
  expect(() => lockState(fs, '/queue')).toThrow(
    expect.objectContaining({ code: 'refused', nextStep: expect.stringContaining('mail_owner') }),
  );
});
