/** Whether nothing of Postfix works on the queue that is backed up. */

import { unlessRefused } from '../fs/system-error.ts';
import { isPostfixRunning } from '../postfix/running.ts';

/** Known to be stopped. Only root can ask for the master's lock; for others, and where a dying disk has no answer, it may run. */
export function isPostfixStopped(queueDirectory: string): boolean {
  return (
    process.geteuid?.() === 0 &&
    unlessRefused(() => isPostfixRunning({ queueDirectory, configDirectory: undefined }))?.running === false
  );
}
