/**
 * The proof of whose a genuine submission was. The journal names the submitter, but it is mail_owner's and may be forged;
 * the archive is the administrator's. So root believes of a journal what the archive at hand says as well.
 */

import { createHash } from 'node:crypto';
import type { JournalEntry } from '../journal/journal.ts';
import type { Submitters } from '../journal/placement.ts';
import { isGenuineSubmission, restoredMode } from '../queue/mode.ts';
import { createFingerprintSet } from '../table/digest-set.ts';
import { ownerOf, type RestoreSession } from './session.ts';

/** What the archive says of genuine submissions. There may be a million: a digest of each is kept. */
export interface Proofs {
  readonly note: (claim: Claim) => void;
  readonly has: (claim: Claim) => boolean;
}

/** Makes proofs to which a run that stages the archive notes what it finds there. */
export function createProofs(): Proofs {
  const digests = createFingerprintSet();
  return {
    note: (claim) => void digests.add(claimOf(claim)),
    has: (claim) => digests.has(claimOf(claim)),
  };
}

/**
 * Undefined where root's rights can't be had: then everything stays mail_owner's.
 *
 * @param proofs of a run that has just staged the archive; by default the catalogue is read for them
 */
export function submittersOf(session: RestoreSession, proofs?: Proofs): Submitters | undefined {
  const { submissions } = session;
  if (submissions === undefined) {
    return undefined;
  }
  let known = proofs;
  return {
    service: submissions,
    isProven: (entry) => {
      known ??= readProofs(session);
      return known.has(entry);
    },
  };
}

function readProofs(session: RestoreSession): Proofs {
  const proofs = createProofs();
  for (const line of session.archive.catalogue()) {
    if (line.kind === 'message' && line.queue_name === 'maildrop' && isGenuineSubmission(line.mode)) {
      const { queue_id, fingerprint, file_size: size } = line;
      const owner = ownerOf(session, line);
      const mode = restoredMode('maildrop', line.mode);
      proofs.note({ queue_id, fingerprint, size, mode, ...(owner === undefined ? {} : { owner }) });
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
