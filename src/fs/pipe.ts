/** Pipes by their names: one that mkfifo(1) has made, `/dev/fd/63` as a shell writes it for `<(…)`, or an open descriptor. */

import { closeSync, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { O_NONBLOCK, O_RDONLY, O_WRONLY } from './open-flags.ts';
import { readProcFile } from './proc-file.ts';
import { unlessErrno, unlessRefused } from './system-error.ts';

/** The names of this process's own descriptors (proc_pid_fd(5)). */
const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(?<number>[0-9]{1,6})$/u;
/** O_ACCMODE of fcntl(2). */
const ACCESS_MODE = 3;
const CHUNK_SIZE = 64 * 1024;
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/** The descriptor that a name stands for. */
export function descriptorNamed(path: string): number | undefined {
  const number = DESCRIPTOR.exec(path)?.groups?.['number'];
  return number === undefined ? undefined : Number(number);
}

/** Whether a name leads to a pipe, with somebody else at its other end. */
export function isPipe(path: string): boolean {
  const status = unlessRefused(() => statSync(path));
  return status?.isFIFO() === true && !isWithinProcess(status);
}

/**
 * Whether both ends of a pipe are this process's: by such libuv wakes itself for a signal. Who writes there waits for ever, and
 * who reads there takes the signals away. (pipe.test.ts)
 */
function isWithinProcess({ dev, ino }: Stats): boolean {
  const isOfPipe = (fd: string): boolean => {
    const status = unlessRefused(() => statSync(`/proc/self/fd/${fd}`));
    return status?.ino === ino && status.dev === dev;
  };
  const descriptors = unlessRefused(() => readdirSync('/proc/self/fd')) ?? [];
  const modes = new Set(descriptors.filter(isOfPipe).map(accessMode));
  return modes.has(O_RDONLY) && modes.has(O_WRONLY);
}

/** As it was opened (/proc/PID/fdinfo/N: the flags in octal). */
function accessMode(fd: string): number | undefined {
  const flags = /^flags:\s*([0-7]+)$/mu.exec(readProcFile(`/proc/self/fdinfo/${fd}`) ?? '')?.[1];
  return flags === undefined ? undefined : Number.parseInt(flags, 8) & ACCESS_MODE;
}

/** Whether a name leads to an open descriptor that a program may write to. */
export function isOpenDescriptor(path: string): boolean {
  const status = descriptorNamed(path) === undefined ? undefined : unlessRefused(() => statSync(path));
  return status !== undefined && (status.isFile() || status.isCharacterDevice() || status.isSocket() || isPipe(path));
}

/** How many bytes a file holds already that is open by a descriptor; 0 for what is no file. */
export function bytesBehind(fd: number): number {
  const status = unlessErrno(['EBADF'], () => fstatSync(fd));
  return status?.isFile() === true ? status.size : 0;
}

/** Whether what is written by a name stands in one file, pipe or socket with what is written to an open descriptor. */
export function isMixedWith(path: string, fd: number): boolean {
  const [named, open] = [unlessRefused(() => statSync(path)), unlessErrno(['EBADF'], () => fstatSync(fd))];
  const isKept = named !== undefined && (named.isFile() || named.isFIFO() || named.isSocket());
  return isKept && named.ino === open?.ino && named.dev === open.dev;
}

/** After so long people are told what is waited for: who is to come does so sooner as a rule. */
const SILENT_MS = 2000;

/** A wait for whoever is to open the other end of a pipe. */
export interface PipeWait {
  readonly signal?: AbortSignal | undefined;
  /** Called once, after a moment in which nobody did. */
  readonly onWait?: (() => void) | undefined;
}

class Waiting {
  readonly #wait: PipeWait;
  #waitedMs = 0;

  constructor(wait: PipeWait) {
    this.#wait = wait;
  }

  /** @throws AbortError: by the signal */
  async pause(milliseconds: number): Promise<void> {
    const { signal, onWait } = this.#wait;
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
    const before = this.#waitedMs;
    this.#waitedMs += milliseconds;
    if (before < SILENT_MS && this.#waitedMs >= SILENT_MS) {
      onWait?.();
    }
  }
}

/**
 * What comes through a pipe. It is asked again and again: a call that waits in the system could not be interrupted, and would
 * keep the process from ending.
 *
 * @throws AbortError: by the signal
 */
export async function* pipedBytes(path: string, wait: PipeWait): AsyncGenerator<Uint8Array> {
  // Of a pipe without a name nobody can open the other end any more; into a named one somebody may still write.
  const mayBegin = descriptorNamed(path) === undefined;
  const fd = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const [untilBegun, afterwards] = [new Waiting(wait), new Waiting({ signal: wait.signal })];
    let [hasBegun, waitMs] = [!mayBegin, FIRST_WAIT_MS];
    for (;;) {
      const chunk = new Uint8Array(CHUNK_SIZE);
      const count = unlessErrno(['EAGAIN', 'EINTR'], () => readSync(fd, chunk, 0, CHUNK_SIZE, null));
      if (count === 0 && hasBegun) {
        return;
      }
      if (count === undefined || count === 0) {
        // Whoever has it open for writing has not written yet (EAGAIN), or nobody has (0).
        hasBegun ||= count === undefined;
        await (hasBegun ? afterwards : untilBegun).pause(waitMs);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      } else {
        [hasBegun, waitMs] = [true, FIRST_WAIT_MS];
        yield chunk.subarray(0, count);
      }
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Opens a named pipe for writing, once somebody reads it.
 *
 * @throws AbortError: by the signal
 */
export async function openForReader(path: string, wait: PipeWait): Promise<number> {
  const waiting = new Waiting(wait);
  for (;;) {
    // ENXIO: nobody reads it yet (fifo(7)). To wait in the call itself could not be interrupted.
    const probe = unlessErrno(['ENXIO'], () => openSync(path, O_WRONLY | O_NONBLOCK));
    if (probe !== undefined) {
      try {
        return openSync(path, O_WRONLY);
      } finally {
        closeSync(probe);
      }
    }
    await waiting.pause(LONGEST_WAIT_MS);
  }
}
