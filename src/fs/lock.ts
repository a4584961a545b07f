/**
 * One postsnap at a time in a directory, also over NFS, where neither O_EXCL nor flock can be relied on: each writes a file
 * with a unique name and links it to the name `lock`; link(2) never replaces, and device and inode tell who has it.
 *
 * A lock whose owner is dead is taken over. The danger is that two see it dead, the first takes it over, and the second
 * removes the first's new lock in the belief that it is the old one. So the right to replace a lock is itself a name that is
 * made by link(2): `lock.after.NONCE`, NONCE being that of the dead lock. Only its holder replaces that very lock, by a
 * rename over it, so that the name `lock` is never free in between. A holder that dies before it is done is succeeded in
 * the same manner: `lock.after.` and its own nonce. All before the last in such a chain are dead and can't act; so what the
 * last one has verified after it got its name can't change any more.
 */

import { join } from 'node:path';
import { BusyError } from '../errors.ts';
import type { FileSystem } from './file-system.ts';
import type { LockEnvironment } from './lock-environment.ts';
import { encodeLockRecord, type LockRecord, readLockRecord } from './lock-record.ts';
import { createUnique, safeLink, safeRename, safeUnlink } from './nfs-safe.ts';
import { errnoOf, systemError, unlessRefused } from './system-error.ts';

export interface Lock {
  readonly path: string;
  /** Gives the lock back. If someone else has it by now (by an administrator's hand), theirs is left alone. */
  release(): void;
}

const LOCK_NAME = 'lock';
const SUCCESSOR_PREFIX = 'lock.after.';
const CANDIDATE_PREFIX = 'lock.of.';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;
/** How many may have died one after the other in replacing a lock, before it is taken for a trap. */
const LONGEST_CHAIN = 50;
/** After so long nobody is still writing a file that can't be read. */
const UNFINISHED_MS = 86_400_000;

/** What link(2) says when it was not done, and never will be: as against errors that leave that open. */
const DEFINITE_REFUSALS: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'ELOOP',
  'EMLINK',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOSPC',
  'ENOSYS',
  'ENOTDIR',
  'EOPNOTSUPP',
  'EPERM',
  'EROFS',
  'EXDEV',
]);

/** Those of them that come from a file system without hard links (link(2)). */
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EMLINK', 'ENOSYS', 'EOPNOTSUPP', 'EPERM']);

interface Candidate {
  readonly directory: string;
  /** The unique name of the file that is to become the lock. */
  readonly path: string;
  readonly record: LockRecord;
}

type Attempt =
  | { readonly outcome: 'taken' }
  /** Worth another try: it changed under the eyes, or can't be told. */
  | { readonly outcome: 'unclear'; readonly why: string }
  | { readonly outcome: 'held'; readonly by: LockRecord; readonly path: string };

/**
 * Takes the lock of a directory, or says at once who has it.
 *
 * @param directory - must exist
 * @throws BusyError `locked`: another process has it or it can't be told
 * @throws SystemError
 */
export function acquireLock(fs: FileSystem, directory: string, environment: LockEnvironment): Lock {
  const candidate = writeCandidate(fs, directory, environment);
  try {
    tryToTake(fs, candidate, environment);
  } catch (error) {
    giveUp(fs, candidate);
    throw error;
  }
  const path = lockPath(candidate);
  const lock: Lock = { path, release: () => release(fs, path, candidate.record) };
  try {
    sweepStrays(fs, directory, environment);
  } catch (error) {
    lock.release();
    throw systemError(error, { action: "can't read", path: directory });
  }
  return lock;
}

/** Who has the lock of a directory, as far as that can be told; undefined: nobody, or nobody who lives. */
export function lockHolder(fs: FileSystem, directory: string, environment: LockEnvironment): LockRecord | undefined {
  const record = readLockRecord(fs, join(directory, LOCK_NAME));
  return typeof record === 'object' && environment.liveness(record.owner) !== 'dead' ? record : undefined;
}

function lockPath({ directory }: Candidate): string {
  return join(directory, LOCK_NAME);
}

function successorPath({ directory }: Candidate, nonce: string): string {
  return join(directory, `${SUCCESSOR_PREFIX}${nonce}`);
}

function writeCandidate(fs: FileSystem, directory: string, environment: LockEnvironment): Candidate {
  const record: LockRecord = { owner: environment.self, nonce: environment.nonce(), since: environment.now() };
  try {
    const nextPath = () => join(directory, `${CANDIDATE_PREFIX}${environment.nonce()}`);
    const { fd, path } = createUnique(fs, nextPath, 0o600);
    const candidate = { directory, path, record };
    try {
      fs.write(fd, encodeLockRecord(record), 0);
      // A lock that a power loss leaves must be legible, or nobody can tell that its owner is dead.
      fs.fsync(fd);
    } catch (error) {
      // On a full disk: it is nobody's lock, and would stay for a day.
      giveUp(fs, candidate);
      throw error;
    } finally {
      fs.close(fd);
    }
    return candidate;
  } catch (error) {
    throw systemError(error, { action: "can't write a lock file in", path: directory });
  }
}

function tryToTake(fs: FileSystem, candidate: Candidate, environment: LockEnvironment): void {
  let pause = FIRST_PAUSE_MS;
  for (let number = 1; ; number += 1) {
    const attempt = attemptOnce(fs, candidate, environment);
    if (attempt.outcome === 'taken') {
      return;
    }
    if (attempt.outcome === 'held') {
      throw heldBy(attempt, environment.now());
    }
    if (number === ATTEMPTS) {
      throw cannotTell(lockPath(candidate), attempt.why);
    }
    environment.sleep(pause);
    pause *= 2;
  }
}

/**
 * One try. An error that leaves open whether the lock was taken makes it 'unclear': the next try begins by looking whether
 * it was.
 */
function attemptOnce(fs: FileSystem, candidate: Candidate, environment: LockEnvironment): Attempt {
  try {
    if (isHeldWith(fs, lockPath(candidate), candidate.record)) {
      return { outcome: 'taken' };
    }
    if (safeLink(fs, candidate.path, lockPath(candidate)) === 'linked') {
      removeQuietly(fs, candidate.path);
      return { outcome: 'taken' };
    }
    return succeed(fs, { candidate, chain: [], environment });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) {
      throw error;
    }
    if (DEFINITE_REFUSALS.has(errno)) {
      const nextStep = NO_HARD_LINKS.has(errno) ? 'A mail queue needs a file system with hard links.' : undefined;
      const failed = { action: "can't make the lock", path: lockPath(candidate) };
      throw systemError(error, nextStep === undefined ? failed : { ...failed, nextStep });
    }
    return { outcome: 'unclear', why: errno };
  }
}

interface Succession {
  readonly candidate: Candidate;
  /** The dead lock, and those that died replacing it, in this order. */
  readonly chain: readonly LockRecord[];
  readonly environment: LockEnvironment;
}

/** Judges who has the lock, or the right to replace it; if that one is dead, tries for the right to replace it. */
function succeed(fs: FileSystem, succession: Succession): Attempt {
  const { candidate, chain, environment } = succession;
  const last = chain.at(-1);
  const path = last === undefined ? lockPath(candidate) : successorPath(candidate, last.nonce);
  const record = readLockRecord(fs, path);
  if (record === 'absent') {
    return { outcome: 'unclear', why: `${path} is gone again` };
  }
  if (record === 'illegible' || chain.length === LONGEST_CHAIN) {
    return { outcome: 'unclear', why: `${path} is no lock file that can be read` };
  }
  if (environment.liveness(record.owner) !== 'dead') {
    return { outcome: 'held', by: record, path };
  }
  const extended = [...chain, record];
  const right = successorPath(candidate, record.nonce);
  if (safeLink(fs, candidate.path, right) === 'exists') {
    return succeed(fs, { ...succession, chain: extended });
  }
  return replace(fs, { candidate, chain: extended, right });
}

/** With the right to replace the lock in hand: checks that it is still the lock that was judged, and replaces it. */
function replace(
  fs: FileSystem,
  { candidate, chain, right }: { candidate: Candidate; chain: readonly LockRecord[]; right: string },
): Attempt {
  try {
    if (!isChainIntact(fs, candidate, chain)) {
      return { outcome: 'unclear', why: 'the dead lock was taken over by another' };
    }
    safeRename(fs, candidate.path, lockPath(candidate));
    return { outcome: 'taken' };
  } finally {
    // Given back in any case: it is of use only for as long as the dead lock is there.
    removeQuietly(fs, right);
  }
}

function isChainIntact(fs: FileSystem, candidate: Candidate, chain: readonly LockRecord[]): boolean {
  return chain.every((record, index) => {
    const before = chain[index - 1];
    const path = before === undefined ? lockPath(candidate) : successorPath(candidate, before.nonce);
    return isHeldWith(fs, path, record);
  });
}

function isHeldWith(fs: FileSystem, path: string, record: LockRecord): boolean {
  const now = readLockRecord(fs, path);
  return typeof now === 'object' && now.nonce === record.nonce;
}

function release(fs: FileSystem, path: string, own: LockRecord): void {
  try {
    if (isHeldWith(fs, path, own)) {
      safeUnlink(fs, path);
    }
  } catch (error) {
    throw systemError(error, { action: "can't remove the lock", path, nextStep: 'Remove it by hand.' });
  }
}

/** Removes what dead processes left of their tries. Only while the lock is held: then no dead lock is to be replaced. */
function sweepStrays(fs: FileSystem, directory: string, environment: LockEnvironment): void {
  for (const name of fs.readdir(directory)) {
    if (name.startsWith(SUCCESSOR_PREFIX) || name.startsWith(CANDIDATE_PREFIX)) {
      const path = join(directory, name);
      if (isStray(fs, path, environment)) {
        safeUnlink(fs, path);
      }
    }
  }
}

function isStray(fs: FileSystem, path: string, environment: LockEnvironment): boolean {
  const record = readLockRecord(fs, path);
  if (record === 'illegible') {
    const ageMs = environment.now() - Number((fs.lstat(path)?.mtimeNs ?? 0n) / 1_000_000n);
    return ageMs > UNFINISHED_MS;
  }
  return record !== 'absent' && environment.liveness(record.owner) === 'dead';
}

/** A name that does no harm if it stays: the next holder of the lock sweeps it, once this process has ended. */
function removeQuietly(fs: FileSystem, path: string): void {
  unlessRefused(() => safeUnlink(fs, path));
}

/** What could not be told may have been done after all: then it is undone. Another error is on its way to the user. */
function giveUp(fs: FileSystem, candidate: Candidate): void {
  removeQuietly(fs, candidate.path);
  unlessRefused(() => {
    if (isHeldWith(fs, lockPath(candidate), candidate.record)) {
      safeUnlink(fs, lockPath(candidate));
    }
  });
}

function heldBy({ by, path }: { by: LockRecord; path: string }, now: number): BusyError {
  const seconds = Math.max(0, Math.round((now - by.since) / 1000));
  return new BusyError(
    'locked',
    `another postsnap works on this queue: process ${by.owner.pid} on ${by.owner.host}, for ${seconds} seconds`,
    { path, nextStep: `Wait for it. If you are sure that this process does not run any more, remove ${path}.` },
  );
}

function cannotTell(path: string, why: string): BusyError {
  return new BusyError('locked', `it can't be told who has the lock: ${why}`, {
    path,
    nextStep: `Try again later. If you are sure that no postsnap works on this queue, remove ${path}.`,
  });
}
