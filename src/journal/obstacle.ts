/** The errors that stand in the way of one message alone. */

import { SystemError } from '../errors.ts';
import { errnoText } from '../fs/errno-text.ts';
import { errnoOf } from '../fs/system-error.ts';

/**
 * What stands in the way of one message, and perhaps of no other: a directory that is not mail_owner's, a number outside the
 * user namespace, a mount, a disk that has no room for one more directory. All else (EIO, ESTALE, EMFILE …) is the whole
 * run's.
 */
const ONE_MESSAGES: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EOPNOTSUPP',
  'EPERM',
  'EXDEV',
]);

/** What a call failed by, in words, where the other messages may go on; undefined where they may not. */
export function obstacleOf(error: unknown): string | undefined {
  if (error instanceof SystemError) {
    return ONE_MESSAGES.has(error.errno) ? error.message : undefined;
  }
  const errno = errnoOf(error);
  return errno !== undefined && ONE_MESSAGES.has(errno) ? `${errnoText(errno)}${where(error)}` : undefined;
}

/** The place that the call was about: of two, the new name is the one in the way, or the directory that it should go to. */
function where(error: unknown): string {
  if (!(error instanceof Error) || !('syscall' in error)) {
    return '';
  }
  const paths = ['dest' in error ? error.dest : undefined, 'path' in error ? error.path : undefined];
  const path = paths.find((one) => typeof one === 'string');
  return path === undefined ? ` (${String(error.syscall)})` : ` (${String(error.syscall)} ${path})`;
}
