import { expect, it } from 'vitest';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { discoverDepths } from '../../../src/spool/spool.ts';
import { readTargetState, type TargetState } from '../../../src/spool/target-state.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';

const QUEUE_FILE = queueFile();
/** Listings between two readings: a message that is in none of them was not there. */
const LISTINGS = 5;

/** Looks over a target whose only message has another queue ID, as after `postsuper -r`, each time it is to be opened. */
function lookWhileItMoves(moves: number): { readonly state: TargetState; readonly readings: number } {
  const disk = new SimulatedFileSystem();
  putFile(disk, '/spool/incoming/000010AAA', { content: QUEUE_FILE, mode: 0o700 });
  const depths = discoverDepths(disk, '/spool', DEFAULT_LAYOUT);
  let made = 0;
  let listings = 0;
  const { open, readdir } = { open: disk.open.bind(disk), readdir: disk.readdir.bind(disk) };
  disk.open = (path, flags, mode) => {
    const name = `/spool/incoming/0000${made + 1}0AAA`;
    if (path === name && made < moves) {
      made += 1;
      disk.rename(name, `/spool/incoming/0000${made + 1}0AAA`);
    }
    return open(path, flags, mode);
  };
  disk.readdir = (path) => {
    listings += path === '/spool/incoming' ? 1 : 0;
    return readdir(path);
  };
  const spool = { fs: disk, queueDirectory: '/spool', depths };
  const state = readTargetState(spool, {
    mailOwner: 0,
    minimalBackoffMs: 1000,
    clock: () => 0,
    anySender: false,
    sought: () => ({ sizes: new Set([QUEUE_FILE.length]), allLineages: false }),
  });
  return { state, readings: listings / LISTINGS };
}

it.each([
  [0, 1],
  [1, 2],
  [4, 5],
])(
  'lists the target again while what it listed is gone when it is read: %i times gone, %i readings',
  (moves, readings) => {
    const looked = lookWhileItMoves(moves);
    expect(looked.readings).toBe(readings);
    expect(looked.state.settled).toBe(true);
    expect(looked.state.isTaken(`0000${moves + 1}0AAA`)).toBe(true);
  },
);

it('gives up after five, and says that a message may have been missed', () => {
  const looked = lookWhileItMoves(6);
  expect(looked.readings).toBe(5);
  expect(looked.state.settled).toBe(false);
});
