import { SystemError } from '../../../src/errors.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { type KeptSnapshot, keepSnapshot, type TakenSnapshot } from '../../../src/keep/keep-snapshot.ts';
import { archiveKey } from '../../../src/store/archive-name.ts';
import type { KeepRules } from '../../../src/store/retention.ts';
import { type StoredSnapshot, snapshotsIn } from '../../../src/store/snapshot.ts';
import { SimulatedFileSystem } from '../disk/simulated-file-system.ts';
import { readWhole } from '../disk/tree.ts';
import { HOST, storeOn } from './stored.ts';

/** What an archive of the tests holds, by its number: all of it, or it is half. */
function contentOf(number: number): Buffer {
  return Buffer.from(`archive ${number} ${'x'.repeat(number % 7)} end`);
}

export interface Night {
  readonly number: number;
  /** Milliseconds since the epoch, by the clock of the night. */
  readonly time: number;
  readonly rules: KeepRules | undefined;
  /** False: what was written can't be read back. */
  readonly isIntact?: boolean;
  /** Undefined: as it should be. */
  readonly fail?: 'taking' | undefined;
}

/** A backup into the store on this disk; the archive is a few bytes. */
export function runNight(fs: FileSystem, night: Night): Promise<KeptSnapshot<TakenSnapshot>> {
  return keepSnapshot({
    store: storeOn(fs),
    take: async (draft) => {
      fs.write(draft.fd, contentOf(night.number));
      if (night.fail === 'taking') {
        throw new SystemError('io', 'the disk of the queue failed', { errno: 'EIO' });
      }
      return {
        snapshotId: `${night.number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
        started: new Date(night.time).toISOString(),
        host: HOST,
        instance: '-',
        messages: night.number,
      };
    },
    prove: async (path) => night.isIntact !== false && readWhole(fs, path).length > 0,
    rules: night.rules,
    clock: () => night.time,
  });
}

export function newStoreDisk(now?: () => bigint): SimulatedFileSystem {
  const disk = new SimulatedFileSystem(now === undefined ? {} : { now });
  disk.mkdir('/store', 0o700);
  disk.settle();
  return disk;
}

/** The snapshots on a disk. */
export async function snapshotsOn(fs: FileSystem): Promise<StoredSnapshot[]> {
  return snapshotsIn(await storeOn(fs).list());
}

/** Whether every archive of the store is whole. */
export function areWhole(fs: FileSystem, snapshots: readonly StoredSnapshot[]): boolean {
  return snapshots.every((snapshot) => {
    const content = Buffer.from(readWhole(fs, `/store/${archiveKey(snapshot)}`));
    return content.equals(contentOf(Number.parseInt(snapshot.shortId, 16)));
  });
}
