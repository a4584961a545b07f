/** Finds messages again that pickup(8) and cleanup(8) have written anew, by what stays of them. */

import { hash } from 'node:crypto';
import { DigestTable } from './digest-table.ts';

/** What a message is known by: see record/lineage.ts. */
export interface Descent {
  /** Absent where its arrival is not told to the microsecond: such a message is never found again. */
  readonly submission?: string | undefined;
  /** Null for a submission that cleanup(8) has not seen; absent where it is the `submission`. */
  readonly origin?: string | null | undefined;
  /** The part of its sender that stays. */
  readonly sender: string | SenderDigest;
}

/** What stands for a sender where it was not kept. */
export interface SenderDigest {
  readonly digest: string;
}

/** A number for each message. */
export class LineageTable {
  readonly #bySubmission = new SenderTable();
  readonly #byOrigin = new SenderTable();

  /** Notes a file that pickup(8) may take, or took. */
  noteSubmission({ submission, sender }: Descent, number: number): void {
    if (submission !== undefined) {
      this.#bySubmission.set(submission, sender, number);
    }
  }

  /** Notes a file that cleanup(8) may have written. */
  noteOrigin(descent: Descent, number: number): void {
    const origin = originOf(descent);
    if (origin !== undefined) {
      this.#byOrigin.set(origin, descent.sender, number);
    }
  }

  /** The file that cleanup(8) wrote of this one. */
  successorOf({ submission, sender }: Descent, anySender: boolean): number | undefined {
    return submission === undefined ? undefined : this.#byOrigin.get(submission, sender, anySender);
  }

  /** The file that this one was made of. */
  predecessorOf(descent: Descent, anySender: boolean): number | undefined {
    const origin = originOf(descent);
    return origin === undefined ? undefined : this.#bySubmission.get(origin, descent.sender, anySender);
  }
}

function originOf({ submission, origin }: Descent): string | undefined {
  return origin === null ? undefined : (origin ?? submission);
}

/** Digests with a sender, which counts unless canonical maps may have changed it. */
class SenderTable {
  readonly #strict = new DigestTable();
  readonly #loose = new DigestTable();

  set(digest: string, sender: Descent['sender'], number: number): void {
    this.#strict.set(strictKey(digest, sender), number);
    this.#loose.set(digest, number);
  }

  get(digest: string, sender: Descent['sender'], anySender: boolean): number | undefined {
    const loose = this.#loose.get(digest);
    return loose === undefined
      ? undefined
      : (this.#strict.get(strictKey(digest, sender)) ?? (anySender ? loose : undefined));
  }
}

/** As much of a digest as tables compare, and as receipts keep (journal/receipt.ts). */
const COMPARED_DIGITS = 32;
const SENDER_DIGITS = 16;

function strictKey(digest: string, sender: Descent['sender']): string {
  const told = typeof sender === 'string' ? senderDigits(sender) : sender.digest;
  return hash('sha256', `${digest.slice(0, COMPARED_DIGITS)} ${told}`);
}

/** What stands for a sender where it is not kept. */
export function senderDigits(sender: string): string {
  return hash('sha256', sender).slice(0, SENDER_DIGITS);
}
