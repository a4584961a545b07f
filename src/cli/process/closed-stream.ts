/** The check that a standard output is open before anything is written to it. */

import { SystemError } from '../../errors.ts';
import { readProcFile } from '../../fs/proc-file.ts';

const ACCESS_MODE = 0o3;
const READ_ONLY = 0o0;

/**
 * Refuses a standard output that is closed, before work is done for it. bin/postsnap.js opens /dev/null for reading only in
 * its place: Node.js would open it for reading and writing, which is also how programs open it that want no output (Python's
 * subprocess.DEVNULL). Where there is no /proc, the first write tells.
 *
 * @throws SystemError `io`
 */
export function refuseClosedOutput(descriptor: number = 1): void {
  if (isReadOnly(descriptor)) {
    throw new SystemError('io', "can't write to stdout: it is closed", {
      errno: 'EBADF',
      nextStep: 'Send it to a file or a pipe.',
    });
  }
}

function isReadOnly(descriptor: number): boolean {
  // proc_pid_fdinfo(5): the flags are octal.
  const flags = /^flags:\s*([0-7]+)$/mu.exec(readProcFile(`/proc/self/fdinfo/${descriptor}`) ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) === READ_ONLY;
}
