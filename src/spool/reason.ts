/** Why one file can't be read, in words. */

import { PostsnapError } from '../errors.ts';
import { errnoText } from '../fs/errno-text.ts';
import { FileRefusal } from '../fs/file-refusal.ts';
import { errnoOf } from '../fs/system-error.ts';

/**
 * What to tell the administrator about a file that can't be read.
 *
 * A limit of the JavaScript engine that its content runs into (a text that is too long, say) is the file's as well: it must
 * not cost the other files.
 *
 * @throws what does not come from the file: what was decided to end the operation
 */
export function reasonOf(error: unknown): string {
  if (error instanceof FileRefusal) {
    return error.message;
  }
  const errno = error instanceof PostsnapError ? undefined : errnoOf(error);
  if (errno !== undefined) {
    return errno === 'ELOOP' || errno === 'EMLINK' ? 'it is a symbolic link' : errnoText(errno);
  }
  if (isOfTheEngine(error)) {
    return `postsnap failed on it, which is a bug: ${error.name}: ${error.message}`;
  }
  throw error;
}

function isOfTheEngine(error: unknown): error is Error {
  if (error instanceof RangeError || error instanceof TypeError) {
    return true;
  }
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_');
}
