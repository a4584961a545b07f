/** The descriptors that whoever started this process has left open. */

import type { FileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { readProcFile } from './proc-file.ts';

const STANDARD = 2;
// fcntl.h on Linux; /proc/PID/fdinfo/N shows the flags in octal.
const O_CLOEXEC = 0o2000000;

/**
 * The open descriptors that each program started by this process would have, besides those of standard input, output and
 * error: what whoever started this process has left open. Node.js marks its own as closed on exec.
 *
 * @returns none where the system does not tell
 */
export function inheritedDescriptors(
  fs: Pick<FileSystem, 'readdir'> = nodeFileSystem,
  read: typeof readProcFile = readProcFile,
): number[] {
  let names: string[];
  try {
    names = fs.readdir('/proc/self/fdinfo');
  } catch {
    return [];
  }
  return names.map(Number).filter((fd) => fd > STANDARD && isInherited(read(`/proc/self/fdinfo/${fd}`)));
}

function isInherited(info: string | undefined): boolean {
  const flags = /^flags:\s*([0-7]+)$/mu.exec(info ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
}
