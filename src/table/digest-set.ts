/** A set of digests: the journals of a large queue name the fingerprints of millions of messages. */

import { DigestTable } from './digest-table.ts';

/** A set for digests as 64 hexadecimal digits. */
export class DigestSet {
  readonly #table = new DigestTable();

  /** Returns whether the digest was new. */
  add(digest: string): boolean {
    return this.#table.set(digest, 0);
  }

  has(digest: string): boolean {
    return this.#table.get(digest) !== undefined;
  }
}
