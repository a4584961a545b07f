/**
 * The proof of whose a genuine submission was. The journal names the submitter, but it is mail_owner's and may be forged;
 * the archive is the administrator's. So root believes of a journal what the archive at hand says as well.
 */

import { createHash } from 'node:crypto';
import { isGenuineSubmission, restoredMode } from '../queue/mode.ts';
import { createFingerprintSet, type FingerprintSet } from '../spool/fingerprint-set.ts';
import type { JournalEntry } from '../spool/journal.ts';
import type { Submitters } from '../spool/placement.ts';
import { ownerOf, type RestoreSession } from './session.ts';

/** Undefined where root's rights can't be had: then everything stays mail_owner's. */
export function submittersOf(session: RestoreSession): Submitters | undefined {
  const { asRoot, accounts, configuration } = session;
  if (asRoot === undefined) {
    return undefined;
  }
  let proofs: FingerprintSet | undefined;
  return {
    asRoot,
    mailOwner: accounts.user(configuration.mailOwner).uid,
    isProven: (entry) => {
      proofs ??= readProofs(session);
      return proofs.has(claimOf(entry));
    },
  };
}

/** There may be a million: a digest of each is kept. */
function readProofs(session: RestoreSession): FingerprintSet {
  const proofs = createFingerprintSet();
  for (const line of session.archive.catalogue()) {
    if (line.kind === 'message' && line.queue_name === 'maildrop' && isGenuineSubmission(line.mode)) {
      const { queue_id, fingerprint, file_size: size } = line;
      const owner = ownerOf(session, line);
      const mode = restoredMode('maildrop', line.mode);
      proofs.add(claimOf({ queue_id, fingerprint, size, mode, ...(owner === undefined ? {} : { owner }) }));
    }
  }
  return proofs;
}

/** What root acts on, of a message. */
type Claim = Pick<JournalEntry, 'queue_id' | 'fingerprint' | 'size' | 'mode' | 'owner'>;

function claimOf({ queue_id, fingerprint, size, mode, owner }: Claim): string {
  const said = [queue_id, fingerprint, size, mode, owner?.uid, owner?.gid];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
