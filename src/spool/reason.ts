import { errnoOf } from '../fs/system-error.ts';

/**
 * What to tell the administrator about a file that can't be read.
 *
 * @throws what is no error of the system: a bug
 */
export function reasonOf(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === undefined) {
    throw error;
  }
  return errno === 'ELOOP' || errno === 'EMLINK' ? 'it is a symbolic link' : errno;
}
