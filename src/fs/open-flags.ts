/** The flags of open(2). */

import { constants } from 'node:fs';

/** What open(2) takes, by Postfix's and the manual's names: the layers above take them from here. */
export const O_RDONLY: number = constants.O_RDONLY;
export const O_WRONLY: number = constants.O_WRONLY;
export const O_RDWR: number = constants.O_RDWR;
export const O_CREAT: number = constants.O_CREAT;
export const O_EXCL: number = constants.O_EXCL;
export const O_APPEND: number = constants.O_APPEND;
export const O_NOFOLLOW: number = constants.O_NOFOLLOW;
export const O_DIRECTORY: number = constants.O_DIRECTORY;
/** So that opening a FIFO that stands where a file should be does not wait for a writer. */
export const O_NONBLOCK: number = constants.O_NONBLOCK;
/** Linux only (0 elsewhere); EPERM for others than the file's owner and root. */
export const O_NOATIME: number = typeof constants.O_NOATIME === 'number' ? constants.O_NOATIME : 0;
