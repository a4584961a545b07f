/** For tests that watch the calls of a work: as root it would be done by another process. */

import { vi } from 'vitest';
import type { PostfixInstance } from './instance.ts';

/** Lets the work be done in this process, as it is for whoever is mail_owner himself. `vi.restoreAllMocks()` ends it. */
export function workHere(postfix: PostfixInstance): void {
  const uid = postfix.queueOwner();
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  vi.spyOn(process, 'geteuid').mockReturnValue(uid);
}
