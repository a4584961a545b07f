/** A set of fingerprints: the journals of a large queue name millions. */

import { createDigestTable } from './digest-table.ts';

export interface FingerprintSet {
  /** Returns whether the fingerprint was new. */
  readonly add: (fingerprint: string) => boolean;
  readonly has: (fingerprint: string) => boolean;
}

/** Makes an empty set for fingerprints as 64 hexadecimal digits. */
export function createFingerprintSet(): FingerprintSet {
  const table = createDigestTable();
  const has = (fingerprint: string): boolean => table.get(fingerprint) !== undefined;
  return {
    has,
    add(fingerprint) {
      const isNew = !has(fingerprint);
      table.set(fingerprint, 0);
      return isNew;
    },
  };
}
