/** Errors of the system: their names, and their words. */

import { constants, platform } from 'node:os';
import { SystemError, type SystemErrorCode } from '../errors.ts';
import { errnoText } from './errno-text.ts';

// errno(3), those that Node does not list.
const LINUX_NAMES: readonly [number, string][] = [
  [117, 'EUCLEAN'],
  [121, 'EREMOTEIO'],
  [123, 'ENOMEDIUM'],
];

// What libuv has no names for, it calls "Unknown system error -116": what NFS servers and quotas answer is among it.
const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, number]): [number, string] => [number, name]),
  ...(platform() === 'linux' ? LINUX_NAMES : []),
]);

/** The errno name (`ENOENT`, `EIO` …) of what a {@link FileSystem} call threw; undefined if it is no system's error. */
export function errnoOf(error: unknown): string | undefined {
  // SystemError has an errno as well, but as text: it was put into words already.
  if (!(error instanceof Error) || !('code' in error) || !('errno' in error) || typeof error.errno !== 'number') {
    return undefined;
  }
  if (typeof error.code !== 'string') {
    return undefined;
  }
  // Node's own word for the same is UNKNOWN, where it puts the error together itself.
  const isNameless = error.code.startsWith('Unknown system error') || error.code === 'UNKNOWN';
  return isNameless ? (NAMES.get(Math.abs(error.errno)) ?? `errno ${Math.abs(error.errno)}`) : error.code;
}

/** Runs `call`; returns undefined instead when the system answers with one of `expected`. */
export function unlessErrno<Result>(expected: readonly string[], call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && expected.includes(errno)) {
      return undefined;
    }
    throw error;
  }
}

/** Runs `call`; returns undefined instead where the system refuses it, whatever it answers. */
export function unlessRefused<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (errnoOf(error) === undefined) {
      throw error;
    }
    return undefined;
  }
}

/** Runs `call`; returns the errno name where the system refuses it. What is no error of the system is thrown. */
export function refusalOf(call: () => void): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) {
      throw error;
    }
    return errno;
  }
}

// What the device or its quota did, as against what the system did not allow: the administrator looks elsewhere for it.
const IO_ERRNOS: ReadonlySet<string> = new Set([
  'EDQUOT',
  'EFBIG',
  'EIO',
  'ENODEV',
  'ENOMEDIUM',
  'ENOSPC',
  'ENXIO',
  'EPIPE',
  'EREMOTEIO',
  'ESTALE',
  'ETIMEDOUT',
  'EUCLEAN',
]);

/** Whose fault it is that a call was refused. */
export function systemErrorCode(errno: string): SystemErrorCode {
  return IO_ERRNOS.has(errno) ? 'io' : 'refused';
}

/** No mode and no owner would change that. */
const WRITABLE = 'It is mounted read-only: mount it for writing, and run the same command again.';
/** Where nobody knows better. */
const ROOM: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on that file system, and run the same command again.',
  EDQUOT: 'Raise that quota or make room within it, and run the same command again.',
};

interface FailedCall {
  /** What failed, as the beginning of a sentence: `can't create the lock file`. */
  readonly action: string;
  readonly path: string;
  readonly nextStep?: string;
}

/**
 * Puts a failed call into words. What is no error of the system is given back as it is: so
 * `throw systemError(error, …)` is right for whatever was caught.
 */
export function systemError(error: unknown, failed: FailedCall): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) {
    return error;
  }
  const { action, path, nextStep } = failed;
  const step = errno === 'EROFS' ? WRITABLE : (nextStep ?? ROOM[errno]);
  const details = step === undefined ? {} : { nextStep: step };
  return new SystemError(systemErrorCode(errno), `${action} ${path}: ${errnoText(errno)}${failedCall(error, path)}`, {
    ...details,
    path,
    errno,
    cause: error,
  });
}

/** Which call on which file it was, where that is not said already. */
function failedCall(error: unknown, told: string): string {
  if (!(error instanceof Error) || !('syscall' in error) || !('path' in error) || error.path === told) {
    return '';
  }
  return ` (${String(error.syscall)} ${String(error.path)})`;
}
