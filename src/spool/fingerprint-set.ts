/**
 * A set of fingerprints in little memory: 16 bytes for each, in one table. The journals of a large queue name millions,
 * and a set of strings would take ten times as much.
 */

const KEPT_BYTES = 16;
const FIRST_CAPACITY = 1024;

export interface FingerprintSet {
  /** Returns whether the fingerprint was new. */
  readonly add: (fingerprint: string) => boolean;
  readonly has: (fingerprint: string) => boolean;
}

/**
 * Makes an empty set for fingerprints as 64 hexadecimal digits; the first 128 bits are compared. They are digests, so
 * their own first bytes spread them over the table.
 */
export function createFingerprintSet(): FingerprintSet {
  let capacity = FIRST_CAPACITY;
  let table = Buffer.alloc(capacity * KEPT_BYTES);
  let count = 0;

  function slotOf(key: Buffer): number {
    for (let slot = key.readUInt32LE(0) & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      const kept = table.subarray(slot * KEPT_BYTES, (slot + 1) * KEPT_BYTES);
      if (kept.equals(key) || isEmpty(kept)) {
        return slot;
      }
    }
  }

  function grow(): void {
    const old = table;
    capacity *= 2;
    table = Buffer.alloc(capacity * KEPT_BYTES);
    for (let at = 0; at < old.length; at += KEPT_BYTES) {
      const key = old.subarray(at, at + KEPT_BYTES);
      if (!isEmpty(key)) {
        key.copy(table, slotOf(key) * KEPT_BYTES);
      }
    }
  }

  return {
    add(fingerprint) {
      const key = keyOf(fingerprint);
      const slot = slotOf(key);
      if (table.subarray(slot * KEPT_BYTES, (slot + 1) * KEPT_BYTES).equals(key)) {
        return false;
      }
      key.copy(table, slot * KEPT_BYTES);
      count += 1;
      if (count * 2 > capacity) {
        grow();
      }
      return true;
    },
    has(fingerprint) {
      const key = keyOf(fingerprint);
      const slot = slotOf(key);
      return table.subarray(slot * KEPT_BYTES, (slot + 1) * KEPT_BYTES).equals(key);
    },
  };
}

function keyOf(fingerprint: string): Buffer {
  const key = Buffer.from(fingerprint.slice(0, KEPT_BYTES * 2), 'hex');
  if (key.length !== KEPT_BYTES) {
    throw new TypeError(`not a fingerprint: ${fingerprint}`);
  }
  return key;
}

/** A digest that begins with 16 zero bytes does not occur; such a slot is free. */
function isEmpty(slot: Buffer): boolean {
  return slot.readBigUInt64LE(0) === 0n && slot.readBigUInt64LE(8) === 0n;
}
