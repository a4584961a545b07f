/**
 * The program of the process that works with mail_owner's rights, and of its threads. The build makes one file of it and of
 * all that it needs: root hands that file over, since mail_owner may not be able to read any other.
 */

import { backupWork } from '../backup/backup-work.ts';
// Named by nobody else: its threads are started with this very program.
import '../backup/pack-worker.ts';
import { repairWork } from '../repair/repair-work.ts';
import { restoreWork } from '../restore/restore-work.ts';
import { unfinishedWork } from '../restore/unfinished-work.ts';
import { serveAsOwner } from '../rights/owner-service.ts';

/** @param text this very program, for its threads */
export function main(text: string): Promise<void> {
  return serveAsOwner(
    { backup: backupWork, restore: restoreWork, unfinished: unfinishedWork, repair: repairWork },
    text,
  );
}
