/** A repair of a broken queue on a simulated disk, that may be cut off and run again. */

import type { FileSystem } from '../../src/fs/file-system.ts';
import { ensureStateDirectory } from '../../src/journal/state-directory.ts';
import { withDefaults } from '../../src/postfix/parameters.ts';
import { DEFAULT_LAYOUT } from '../../src/queue/layout.ts';
import { REPAIR_PARTS } from '../../src/repair/finding.ts';
import { mendQueue, type RepairSetup } from '../../src/repair/mend-queue.ts';
import type { RepairOutcome } from '../../src/repair/options.ts';
import type { QueueMending } from '../../src/rights/root-mend.ts';
import { seededRandom } from '../support/disk/random.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../support/disk/simulated-file-system.ts';
import { type Breakage, type BrokenQueue, plantBrokenQueue } from '../support/repair/broken-queue.ts';

export const SPOOL = '/spool';
export const MAIL_OWNER = 100;
const NOW_NS = 1_700_000_000_000_000_000n;
const OWNER = { uid: MAIL_OWNER, gid: MAIL_OWNER };

const SETUP: RepairSetup = {
  configuration: {
    queueDirectory: SPOOL,
    layout: DEFAULT_LAYOUT,
    enableLongQueueIds: false,
    parameters: withDefaults(new Map()),
  },
  owners: { ...OWNER, setgidGroup: 101 },
  dryRun: false,
  parts: new Set(REPAIR_PARTS),
  removesOrphans: false,
};

let names = 0;

/** What mends owners stands in for root, who works by the descriptors of a real system. */
function mendingOn(fs: FileSystem): QueueMending {
  return ({ path, kind }) => {
    const fd = fs.open(`${SPOOL}/${path}`, 0);
    fs.fchown(fd, OWNER.uid, OWNER.gid);
    if (kind === 'directory') {
      fs.fchmod(fd, 0o700);
    }
    fs.close(fd);
    return undefined;
  };
}

/** What Postfix's configuration says of names. */
export type RepairSettings = Partial<Pick<RepairSetup['configuration'], 'layout' | 'enableLongQueueIds'>>;

/** Runs a repair; returns what it tells. */
export async function runRepair(fs: FileSystem, settings: RepairSettings = {}): Promise<readonly RepairOutcome[]> {
  const outcomes: RepairOutcome[] = [];
  ensureStateDirectory(fs, SPOOL, OWNER);
  const setup = { ...SETUP, configuration: { ...SETUP.configuration, ...settings } };
  await mendQueue(setup, {
    fs,
    control: {},
    mending: mendingOn(fs),
    tell: (outcome) => void outcomes.push(outcome),
    now: () => new Date(Number(NOW_NS / 1_000_000n)),
    randomName: () => {
      names += 1;
      return `r${names}`;
    },
  });
  return outcomes;
}

export interface World {
  readonly disk: SimulatedFileSystem;
  readonly queue: BrokenQueue;
}

/** A broken queue, all of it durable. */
export function makeBrokenWorld(
  seed: number,
  { messages, breakages, ...options }: SimulationOptions & { messages: number; breakages?: readonly Breakage[] },
): World {
  const disk = new SimulatedFileSystem(options);
  const queue = plantBrokenQueue({
    fs: disk,
    queueDirectory: SPOOL,
    random: seededRandom(seed),
    owner: OWNER,
    messages,
    nowNs: NOW_NS,
    ...(breakages === undefined ? {} : { breakages }),
  });
  disk.settle();
  return { disk, queue };
}
