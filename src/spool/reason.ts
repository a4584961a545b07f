import { PostsnapError } from '../errors.ts';
import { errnoOf } from '../fs/system-error.ts';

/**
 * What to tell the administrator about a file that can't be read.
 *
 * @throws what does not come from the system: a bug, or what was decided to end the operation
 */
export function reasonOf(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof PostsnapError) {
    throw error;
  }
  return errno === 'ELOOP' || errno === 'EMLINK' ? 'it is a symbolic link' : errno;
}
