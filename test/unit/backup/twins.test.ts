import { expect, it } from 'vitest';
import { type Copy, CopyTable } from '../../../src/backup/copy-table.ts';
import { mayHaveTwins, type Twins } from '../../../src/backup/twins.ts';
import type { QueueName } from '../../../src/queue/queue-name.ts';

const ARRIVAL = 1_700_000_000_123_456;

/** The answer about copies, each with the queue that its file is in now. */
function twins(...files: readonly (Partial<Copy> & { readonly now: QueueName | undefined })[]): Twins {
  const copies = new CopyTable();
  for (const [id, { now, ...changes }] of files.entries()) {
    const queueName = now === 'maildrop' ? 'maildrop' : 'deferred';
    copies.add({
      id,
      round: 1,
      queueName,
      inode: 1n,
      size: 1,
      birthtimeNs: 0n,
      arrival: ARRIVAL,
      isFinished: true,
      ...changes,
    });
  }
  return mayHaveTwins(copies, (copy) => files[copy]?.now);
}

const submitted = { now: 'maildrop', kin: 7 } as const;
const made = { now: 'deferred', kin: 7 } as const;
const other = { now: 'deferred', kin: 9 } as const;

it('waits long for pickup to remove what it seems to have taken', () => {
  expect(twins(submitted, made)).toBe('alike, in maildrop');
  expect(twins(submitted, other, made)).toBe('alike, in maildrop');
  expect(twins({ now: 'maildrop' }, { now: 'deferred' })).toBe('alike, in maildrop');
});

it('does not take for unlike what stood elsewhere when it was read: postsuper -r brought it into maildrop', () => {
  expect(twins({ ...submitted, queueName: 'deferred' }, { ...other, round: 2 })).toBe('alike, in maildrop');
});

it('knows what differs in more than a Milter changes', () => {
  expect(twins(submitted, other)).toBe('unlike, in maildrop');
});

it('needs no other round where nothing can be one', () => {
  expect(twins(submitted, { ...made, arrival: ARRIVAL + 1 })).toBe('no');
  expect(twins(submitted, submitted)).toBe('no');
  expect(twins(made, other)).toBe('no');
});

it('needs another where one is gone', () => {
  expect(twins(submitted, { ...made, now: undefined })).toBe('gone');
});
