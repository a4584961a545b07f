import { expect, it } from 'vitest';
import { type Candidate, type Outcome, takeSnapshot } from '../../../src/backup/snapshot.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../../../src/queue/queue-name.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

interface TwinsCase {
  /** Of the message that is not in maildrop; that of the other is 7. */
  readonly kin: number;
  readonly isStopped?: boolean;
  /** What pickup does meanwhile, by the number of pauses before it. */
  readonly onPause?: (disk: SimulatedFileSystem, pauses: number) => void;
}

const SUBMITTED = 'maildrop/00001AAAA';
const MADE = 'deferred/00002BBBB';

/** A snapshot of two messages with one T record, one of them in maildrop. */
async function snapshotOfTwins({ kin, isStopped = false, onPause }: TwinsCase) {
  const disk = new SimulatedFileSystem();
  putFile(disk, `/spool/${SUBMITTED}`, { content: 'submitted', mode: 0o744 });
  putFile(disk, `/spool/${MADE}`, { content: 'made', mode: 0o700 });
  const outcomeOf = ({ id, paths }: Candidate): Outcome => {
    const queueName: MessageQueueName = id === '00001AAAA' ? 'maildrop' : 'deferred';
    const status = disk.lstat(`/spool/${paths[0]}`);
    return status === undefined
      ? { kind: 'vanished' }
      : {
          kind: 'copied',
          remarks: [],
          copy: {
            queueName,
            inode: status.inode,
            size: status.size,
            birthtimeNs: status.birthtimeNs,
            arrival: 1_700_000_000_123_456,
            kin: queueName === 'maildrop' ? 7 : kin,
            isFinished: true,
          },
        };
  };
  let pauses = 0;
  return takeSnapshot({
    spool: { fs: disk, queueDirectory: '/spool', depths: new Map() },
    reader: {
      readAll: (candidates, tell) => {
        for (const candidate of candidates) {
          tell(candidate, outcomeOf(candidate));
        }
        return Promise.resolve();
      },
      arrivalOf: () => 1_700_000_000_123_456,
    },
    queues: MESSAGE_QUEUES,
    isStopped,
    minimalBackoffMs: 1000,
    nowNs: 0n,
    clock: () => 0,
    pause: () => {
      pauses += 1;
      onPause?.(disk, pauses);
      return Promise.resolve();
    },
  });
}

const ALIKE = 7;
const UNLIKE = 9;

it.each([
  ['alike, while Postfix runs', { kin: ALIKE }, 32],
  ['alike, while Postfix is stopped: nobody will remove one', { kin: ALIKE, isStopped: true }, 7],
  ['unlike', { kin: UNLIKE }, 7],
])(
  'waits for pickup as long as it may come to something, and says that there may be two of one: %s',
  async (_, twins, rounds) => {
    const snapshot = await snapshotOfTwins(twins);
    expect(snapshot).toMatchObject({ copies: 2, mayBeTwice: true });
    expect(snapshot.rounds).toHaveLength(rounds);
    expect([snapshot.hasLeft(0), snapshot.hasLeft(1)]).toEqual([false, false]);
  },
);

it('knows the one that pickup removes meanwhile for what has left', async () => {
  const onPause = (disk: SimulatedFileSystem, pauses: number): void => {
    if (pauses === 3) {
      disk.unlink(`/spool/${SUBMITTED}`);
    }
  };
  const snapshot = await snapshotOfTwins({ kin: ALIKE, onPause });
  expect(snapshot.mayBeTwice).toBe(false);
  expect([snapshot.hasLeft(0), snapshot.hasLeft(1)].filter(Boolean)).toHaveLength(1);
});
