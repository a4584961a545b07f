/** What a lock file says of the process that has the lock. */

import { isPlainObject } from '../plain-object.ts';
import type { FileSystem } from './file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from './open-flags.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { unlessErrno } from './system-error.ts';

/** What a lock file says: one line of JSON. */
export interface LockRecord {
  readonly owner: ProcessIdentity;
  /** Random, 32 hexadecimal digits: no two locks have the same, so that one is known again. */
  readonly nonce: string;
  /** When it was taken, in milliseconds since the epoch. */
  readonly since: number;
}

export function encodeLockRecord(record: LockRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}

const IDENTITY_TEXTS = ['host', 'machine', 'bootId', 'pidNamespace', 'startTime'] as const;

/** Undefined for anything that encodeLockRecord() does not write: nothing is to be concluded from that. */
export function decodeLockRecord(bytes: Uint8Array): LockRecord | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isLockRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

function isLockRecord(value: unknown): value is LockRecord {
  if (!isPlainObject(value) || !isPlainObject(value['owner'])) {
    return false;
  }
  const { owner, nonce, since } = value;
  return (
    // It becomes part of a file name.
    typeof nonce === 'string' &&
    /^[0-9a-f]{32}$/u.test(nonce) &&
    typeof since === 'number' &&
    Number.isInteger(owner['pid']) &&
    Number(owner['pid']) > 0 &&
    IDENTITY_TEXTS.every((name) => typeof owner[name] === 'string')
  );
}

const LONGEST_RECORD = 4096;

/** Reads a lock file: 'absent' if the name is free, 'illegible' if it is not what a lock file must be. */
export function readLockRecord(fs: FileSystem, path: string): LockRecord | 'absent' | 'illegible' {
  const fd = unlessErrno(['ENOENT'], () => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) {
    return 'absent';
  }
  try {
    const buffer = new Uint8Array(LONGEST_RECORD);
    const length = fs.read(fd, buffer, { offset: 0, length: LONGEST_RECORD, position: 0 });
    return decodeLockRecord(buffer.subarray(0, length)) ?? 'illegible';
  } finally {
    fs.close(fd);
  }
}
