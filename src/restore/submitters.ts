/**
 * The proof of whose a genuine submission was. The journal names the submitter, but it is mail_owner's and may be forged;
 * the archive is the administrator's. So root believes of a journal what the archive at hand says as well.
 */

import { createHash } from 'node:crypto';
import type { MessageLine } from '../format/catalogue-line.ts';
import type { JournalEntry, JournalOwner } from '../journal/journal.ts';
import type { Submitters } from '../journal/placement.ts';
import type { SubmissionService } from '../journal/submission.ts';
import type { Accounts } from '../postfix/accounts.ts';
import { isGenuineSubmission, restoredMode } from '../queue/mode.ts';
import { DigestSet } from '../table/digest-set.ts';
import type { RestoreRequest } from './request.ts';
import type { Surroundings } from './surroundings.ts';

/** What is asked of the world outside to give submissions away. */
export type Giving = Pick<Surroundings, 'submissions' | 'accounts' | 'configuration'>;

type ProvingArchive = Pick<RestoreRequest['archive'], 'catalogue'>;

/**
 * What the archive says of genuine submissions: a run that stages the archive notes what it finds there. There may be a
 * million: a digest of each is kept.
 */
export class Proofs {
  readonly #digests = new DigestSet();

  note(claim: Claim): void {
    this.#digests.add(claimOf(claim));
  }

  has(claim: Claim): boolean {
    return this.#digests.has(claimOf(claim));
  }
}

/**
 * Undefined where root's rights can't be had: then everything stays mail_owner's.
 *
 * @param proofs of a run that has just staged the archive; by default the catalogue is read for them
 */
export function submittersOf(
  surroundings: Giving,
  request: { readonly archive: ProvingArchive },
  proofs?: Proofs,
): Submitters | undefined {
  return surroundings.submissions === undefined
    ? undefined
    : new ProvenSubmitters(surroundings.submissions, proofs ?? (() => readProofs(surroundings, request.archive)));
}

/** Those of whom the archive says what a journal says; the archive is asked when it is first needed. */
class ProvenSubmitters implements Submitters {
  readonly service: SubmissionService;
  #proofs: Proofs | (() => Proofs);

  constructor(service: SubmissionService, proofs: Proofs | (() => Proofs)) {
    this.service = service;
    this.#proofs = proofs;
  }

  isProven(entry: JournalEntry): boolean {
    if (typeof this.#proofs === 'function') {
      this.#proofs = this.#proofs();
    }
    return this.#proofs.has(entry);
  }
}

function readProofs(surroundings: Giving, archive: ProvingArchive): Proofs {
  const proofs = new Proofs();
  for (const line of archive.catalogue()) {
    if (line.kind === 'message' && line.queue_name === 'maildrop' && isGenuineSubmission(line.mode)) {
      const { queue_id: queueId, fingerprint, file_size: size } = line;
      const owner = ownerOf(surroundings, line);
      const mode = restoredMode('maildrop', line.mode);
      proofs.note({ queueId, fingerprint, size, mode, ...(owner === undefined ? {} : { owner }) });
    }
  }
  return proofs;
}

/** What root acts on, of a message. */
type Claim = Pick<JournalEntry, 'queueId' | 'fingerprint' | 'size' | 'mode' | 'owner'>;

function claimOf({ queueId, fingerprint, size, mode, owner }: Claim): string {
  const said = [queueId, fingerprint, size, mode, owner?.uid, owner?.gid];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

/**
 * The submitter of a genuine submission: by name, else by number (postdrop(1) leaves the file his, in the group
 * setgid_group). Root gives nothing to root; without the right to give files away it stays mail_owner's, and a genuine
 * submission by its mode all the same.
 */
export function ownerOf(
  { submissions, accounts, configuration }: Giving,
  message: MessageLine,
): JournalOwner | undefined {
  if (submissions === undefined) {
    return undefined;
  }
  const uid = uidOf(accounts, message);
  return uid === 0 ? undefined : { uid, gid: accounts.setgidGroup(configuration.setgidGroup) };
}

function uidOf(accounts: Accounts, { uname, uid }: MessageLine): number {
  if (uname !== undefined) {
    try {
      return accounts.user(uname).uid;
    } catch {
      // This system knows no such user: the number is what is left.
    }
  }
  return uid;
}
