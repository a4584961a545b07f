import { beforeEach, expect, it } from 'vitest';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { hasPendingNotice } from '../../../src/release/pending-notices.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

const PLACE = { queueDirectory: '/queue', layout: DEFAULT_LAYOUT };

let disk: SimulatedFileSystem;

beforeEach(() => {
  disk = new SimulatedFileSystem();
  for (const queue of ['bounce', 'defer/A', 'trace', 'bounce/A']) {
    makeDirectories(disk, `/queue/${queue}`);
  }
});

it.each(['bounce/A00011F', 'trace/A00011F', 'bounce/A/A00011F'])('sees a notice in %s', (path) => {
  putFile(disk, `/queue/${path}`, { content: 'a log', mode: 0o600 });
  expect(hasPendingNotice(disk, PLACE, 'A00011F')).toBe(true);
  expect(hasPendingNotice(disk, PLACE, 'A00012F')).toBe(false);
});

it('sees none in a log of delays, which is written anew at each try', () => {
  putFile(disk, '/queue/defer/A/A00011F', { content: 'a log', mode: 0o600 });
  expect(hasPendingNotice(disk, PLACE, 'A00011F')).toBe(false);
});

it('does not know where it may not look', () => {
  const refusing = faultyFileSystem(
    disk,
    new Faults().failWhen(({ name }) => name === 'lstat', 'EACCES'),
  );
  expect(hasPendingNotice(refusing, PLACE, 'A00011F')).toBeUndefined();
});
