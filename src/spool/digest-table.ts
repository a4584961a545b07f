/**
 * Digests, and a number for each, in little memory: 20 bytes a slot, in one table. A large queue has millions, and a map
 * of strings would take ten times as much.
 */

const KEPT_BYTES = 16;
const FIRST_CAPACITY = 1024;

export interface DigestTable {
  /** Notes a number below 2³² for a digest; the last one counts. */
  readonly set: (digest: string, number: number) => void;
  readonly get: (digest: string) => number | undefined;
}

/**
 * Makes an empty table for digests as 64 hexadecimal digits; the first 128 bits are compared. They are digests, so their
 * own first bytes spread them over the table.
 */
export function createDigestTable(): DigestTable {
  let capacity = FIRST_CAPACITY;
  let keys = Buffer.alloc(capacity * KEPT_BYTES);
  let numbers = new Uint32Array(capacity);
  let count = 0;

  function keyAt(slot: number): Buffer {
    return keys.subarray(slot * KEPT_BYTES, (slot + 1) * KEPT_BYTES);
  }

  function slotOf(key: Buffer): number {
    for (let slot = key.readUInt32LE(0) & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      const kept = keyAt(slot);
      if (kept.equals(key) || isEmpty(kept)) {
        return slot;
      }
    }
  }

  function grow(): void {
    const [oldKeys, oldNumbers] = [keys, numbers];
    capacity *= 2;
    keys = Buffer.alloc(capacity * KEPT_BYTES);
    numbers = new Uint32Array(capacity);
    for (const [at, number] of oldNumbers.entries()) {
      const key = oldKeys.subarray(at * KEPT_BYTES, (at + 1) * KEPT_BYTES);
      if (!isEmpty(key)) {
        const slot = slotOf(key);
        key.copy(keys, slot * KEPT_BYTES);
        numbers[slot] = number;
      }
    }
  }

  return {
    set(digest, number) {
      const key = keyOf(digest);
      const slot = slotOf(key);
      const isNew = isEmpty(keyAt(slot));
      key.copy(keys, slot * KEPT_BYTES);
      numbers[slot] = number;
      count += isNew ? 1 : 0;
      if (count * 2 > capacity) {
        grow();
      }
    },
    get(digest) {
      const slot = slotOf(keyOf(digest));
      return isEmpty(keyAt(slot)) ? undefined : numbers[slot];
    },
  };
}

function keyOf(digest: string): Buffer {
  const key = Buffer.from(digest.slice(0, KEPT_BYTES * 2), 'hex');
  if (key.length !== KEPT_BYTES) {
    throw new TypeError(`not a digest: ${digest}`);
  }
  return key;
}

/** A digest that begins with 16 zero bytes does not occur; such a slot is free. */
function isEmpty(slot: Buffer): boolean {
  return slot.readBigUInt64LE(0) === 0n && slot.readBigUInt64LE(8) === 0n;
}
