/** A new file of a command: it is made under a name that says who makes it, and what killed runs left beside it goes. */

import { basename, dirname, join } from 'node:path';
import { randomNames, SYSTEM_CLOCK_AND_CHANCE } from '../clock-and-chance.ts';
import { AtomicFile, type AtomicNaming } from './atomic-file.ts';
import type { FileStatus, FileSystem } from './file-system.ts';
import { decodeMarkedName, encodeMark } from './marked-name.ts';
import { safeUnlink } from './nfs-safe.ts';
import { identifyProcess, type Liveness, livenessOf, type ProcessIdentity } from './process-identity.ts';
import { unlessRefused } from './system-error.ts';

const HOUR_MS = 3_600_000;
const NANOSECONDS = 1_000_000n;

/** What a sweep must know of the world. */
export interface SweepSurroundings {
  readonly self: ProcessIdentity;
  readonly liveness: (owner: ProcessIdentity) => Liveness;
  /** Whose files it may remove. */
  readonly uid: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Another text of 12 digits at each call; by chance when absent. */
  readonly randomName?: () => string;
}

export interface NewFileOptions extends Pick<AtomicNaming, 'mayReplace'> {
  /** This process, when absent. */
  readonly surroundings?: SweepSurroundings;
}

function here(): SweepSurroundings {
  const self = identifyProcess();
  const uid = process.geteuid?.() ?? 0;
  return {
    self,
    uid,
    liveness: (owner) => livenessOf(owner, self),
    now: () => SYSTEM_CLOCK_AND_CHANCE.now().getTime(),
  };
}

/**
 * Begins a new file, mode 0600, that gets its name once it is complete.
 *
 * @throws OperatorError `output-exists`: the name is taken or no file can be made there
 */
export function createNewFile(
  fs: FileSystem,
  path: string,
  { surroundings = here(), ...naming }: NewFileOptions = {},
): AtomicFile {
  unlessRefused(() => freePlace(fs, path, surroundings));
  // What was left beside an empty file tells whose it is: it stays as long as that does.
  if (unlessRefused(() => fs.lstat(path))?.size !== 0) {
    sweep(fs, dirname(path), surroundings);
  }
  const { randomName = randomNames(SYSTEM_CLOCK_AND_CHANCE) } = surroundings;
  return new AtomicFile(fs, path, { ...naming, randomName: () => encodeMark(surroundings.self, randomName()) });
}

/**
 * Removes what killed runs left half written in a directory: plain files of this user, under the names of temporary files,
 * whose process is gone for certain, and that nobody has written to for an hour. A process of another host, or of another
 * container of this one, can't be seen from here: its files stay. Nothing here is worth the failure of a command.
 */
function sweep(fs: FileSystem, directory: string, surroundings: SweepSurroundings): void {
  for (const name of unlessRefused(() => fs.readdir(directory)) ?? []) {
    const owner = decodeMarkedName(name, surroundings.self);
    if (owner !== undefined && surroundings.liveness(owner) === 'dead') {
      unlessRefused(() => removeOld(fs, join(directory, name), surroundings));
    }
  }
}

/**
 * Where there are no hard links, an empty file holds a name for an instant (atomic-file.ts). One that a killed run left
 * there would be in the way of the same command for good: it goes where every writer of that name is gone for certain, and
 * has left a file of this user. Not within an hour: a shell makes an empty file before the first byte of a stream comes.
 */
function freePlace(fs: FileSystem, path: string, surroundings: SweepSurroundings): void {
  const isInTheWay = (): boolean => {
    const status = fs.lstat(path);
    return status?.size === 0 && isLeftOver(status, surroundings);
  };
  if (!isInTheWay()) {
    return;
  }
  const directory = dirname(path);
  const writers = fs
    .readdir(directory)
    .filter((name) => name.startsWith(`.${basename(path)}.`))
    .flatMap((name) => {
      const owner = decodeMarkedName(name, surroundings.self);
      return owner === undefined ? [] : [{ owner, status: fs.lstat(join(directory, name)) }];
    });
  const areGone = writers.every(({ owner }) => surroundings.liveness(owner) === 'dead');
  const hasLeftOwn = writers.some(({ status }) => isOwnFile(status, surroundings));
  // Once more: another run may have freed the place meanwhile, and given its file the name.
  if (areGone && hasLeftOwn && isInTheWay()) {
    safeUnlink(fs, path);
  }
}

function removeOld(fs: FileSystem, path: string, surroundings: SweepSurroundings): void {
  const status = fs.lstat(path);
  if (status !== undefined && isLeftOver(status, surroundings)) {
    safeUnlink(fs, path);
  }
}

function isLeftOver(status: FileStatus, surroundings: SweepSurroundings): boolean {
  return isOwnFile(status, surroundings) && surroundings.now() - Number(status.mtimeNs / NANOSECONDS) > HOUR_MS;
}

function isOwnFile(status: FileStatus | undefined, { uid }: SweepSurroundings): boolean {
  return status?.type === 'file' && status.uid === uid;
}
