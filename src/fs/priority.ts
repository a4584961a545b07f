/** Less of the processor and of the disk for this process, and for all that it starts. */

import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { runCommand } from './command.ts';
import { errnoOf } from './system-error.ts';

/** ioprio_set(2): the class that is served when nobody else wants the disk. */
const IDLE = '3';

/**
 * On Linux a priority is a thread's, and the threads of Node.js are there already: each gets it, and what is started later
 * inherits it. Node.js has no call for the disk: ionice(1) of util-linux has, and where it is missing the kernel derives
 * the disk's priority from that of the processor.
 */
export function lowerPriority(): void {
  const threads = threadsOfThisProcess();
  for (const thread of threads) {
    lower(thread);
  }
  runCommand('ionice', ['-c', IDLE, '-p', ...threads.map(String)]);
}

function threadsOfThisProcess(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
}

/** A thread that has ended meanwhile needs none. */
function lower(thread: number): void {
  try {
    setPriority(thread, constants.priority.PRIORITY_LOW);
  } catch (error) {
    // ERR_SYSTEM_ERROR of Node.js: its errno is a number, and it has no code of its own.
    if (errnoOf(error) === undefined && !(error instanceof Error && 'info' in error)) {
      throw error;
    }
  }
}
