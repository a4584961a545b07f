/** Two names, one file. */

import type { FileStatus } from './file-system.ts';

/** Whether both are the status of one file: the inode number alone is another file's on another device. */
export function isSameFile(one: FileStatus | undefined, other: FileStatus | undefined): boolean {
  return one !== undefined && other !== undefined && one.device === other.device && one.inode === other.inode;
}
