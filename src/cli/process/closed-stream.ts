import { SystemError } from '../../errors.ts';
import { readProcFile, readProcLink } from '../../fs/proc-file.ts';

const ACCESS_MODE = 0o3;
const READ_AND_WRITE = 0o2;

/**
 * Refuses to write what was asked for to a standard output that is closed. Node opens /dev/null in the place of a standard stream
 * that it was started without, and all would be lost without an error. It opens it for reading and writing; who wants that,
 * opens it for writing only. Where there is no /proc, nothing can be told.
 *
 * @throws SystemError 'io'
 */
export function refuseClosedOutput(descriptor: number = 1): void {
  if (isStandIn(descriptor)) {
    throw new SystemError('io', "can't write to stdout: it is closed", {
      errno: 'EBADF',
      nextStep: 'Send it to a file or a pipe.',
    });
  }
}

function isStandIn(descriptor: number): boolean {
  // proc_pid_fdinfo(5): the flags are octal.
  const flags = /^flags:\s*([0-7]+)$/mu.exec(readProcFile(`/proc/self/fdinfo/${descriptor}`) ?? '')?.[1];
  const access = Number.parseInt(flags ?? '0', 8) & ACCESS_MODE;
  return access === READ_AND_WRITE && readProcLink(`/proc/self/fd/${descriptor}`) === '/dev/null';
}
