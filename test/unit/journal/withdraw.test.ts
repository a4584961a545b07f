/** What a repair takes from a queue loses its ready bit first; old times are moved on before the first one does. */

import { beforeEach, expect, it } from 'vitest';
import type { Staging } from '../../../src/journal/staging.ts';
import { withdraw } from '../../../src/journal/withdraw.ts';
import { Faults } from '../../support/disk/faults.ts';
import { putFile } from '../../support/disk/tree.ts';
import { entryOf, JournalWorld } from '../../support/journal/world.ts';

const TIMES = { stagedNs: 1_699_990_000_000_000_000n, mtimeNs: 1_600_000_000_000_000_000n };

let world: JournalWorld;
let staging: Staging;

beforeEach(() => {
  world = new JournalWorld();
  staging = world.begin({ into: 'repair' });
  world.stage(staging, 0);
  for (const [index, name] of ['A0000A1', 'A0000A2'].entries()) {
    const inode = putFile(world.disk, `/queue/deferred/A/${name}`, {
      content: 'message',
      mode: 0o700,
      mtimeNs: TIMES.mtimeNs,
    });
    const known = { fingerprint: String(index + 1).repeat(64), sha256: '0'.repeat(64), inode, size: 7 };
    staging.appendInQueue({
      ...known,
      from: `deferred/A/${name}`,
      queueName: 'deferred',
      queueId: name,
      newQueueName: 'deferred',
      newQueueId: `A001${index}F`,
      mode: 0o700,
      times: TIMES,
      logs: [],
    });
  }
  staging.seal();
});

const modeAndTime = (name: string): unknown[] => {
  const status = world.disk.lstat(`/queue/deferred/A/${name}`);
  return [status?.mode, status?.mtimeNs];
};

it('takes the ready bit, and sets the later time that the journal has', async () => {
  await withdraw(world.work(staging), {});
  expect([modeAndTime('A0000A1'), modeAndTime('A0000A2')]).toEqual([
    [0o600, TIMES.stagedNs],
    [0o600, TIMES.stagedNs],
  ]);
});

it('moves all times on, durably, before the first ready bit goes', async () => {
  const calls: string[] = [];
  const faults = new Faults().afterCall(({ name }) => calls.push(name));
  await withdraw(world.work(staging, faults), {});
  const [last, first] = [calls.lastIndexOf('futimes'), calls.indexOf('fchmod')];
  expect(last).toBeGreaterThan(0);
  expect(calls.slice(last, first)).toContain('syncFileSystem');
});

it('changes nothing of what is staged in postsnap’s own directory', async () => {
  const path = `${staging.directory}/0/0.message`;
  const before = world.disk.lstat(path);
  await withdraw(world.work(staging), {});
  expect(world.disk.lstat(path)).toEqual(before);
});

it('leaves another file alone that has taken the name, and searches for the message', async () => {
  world.disk.unlink('/queue/deferred/A/A0000A1');
  putFile(world.disk, '/queue/deferred/A/A0000A1', { content: 'another', mode: 0o700, mtimeNs: 5n });
  world.disk.unlink('/queue/deferred/A/A0000A2');
  putFile(world.disk, '/elsewhere', { content: 'message', mode: 0o700 });
  world.disk.symlink('/elsewhere', '/queue/deferred/A/A0000A2');
  // The number of an inode may be given again: the size tells then.
  const work = world.work(staging);
  const isOther = entryOf(work, 1).entry.inode !== world.disk.lstat('/queue/deferred/A/A0000A1')?.inode;
  await withdraw(work, {});
  expect(work.step(2)).toBe('astray');
  expect(world.disk.lstat('/elsewhere')?.mode).toBe(0o700);
  expect(isOther ? modeAndTime('A0000A1') : [0o700, 5n]).toEqual([0o700, 5n]);
});

it('lets one message wait that the system does not let be changed, and goes on with the others', async () => {
  const faults = new Faults().failWhen(
    ({ name, paths }) => name === 'open' && paths[0] === '/queue/deferred/A/A0000A1',
    'EACCES',
  );
  const work = world.work(staging, faults);
  await withdraw(work, {});
  expect([work.step(1), work.step(2)]).toEqual(['stuck', 'staged']);
  expect([modeAndTime('A0000A1')[0], modeAndTime('A0000A2')[0]]).toEqual([0o700, 0o600]);
});
