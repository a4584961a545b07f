/**
 * Digests, and a number for each, in little memory: 20 bytes a slot, in one table. A large queue has millions, and a map
 * of strings would take ten times as much.
 */

const KEPT_BYTES = 16;
const KEPT_WORDS = KEPT_BYTES / 4;
const FIRST_CAPACITY = 1024;

/** The digest that is looked up: tables are asked millions of times, and make no garbage. */
const key = new Uint32Array(KEPT_WORDS);
const keyBytes = Buffer.from(key.buffer);

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
  let keys = new Uint32Array(capacity * KEPT_WORDS);
  let numbers = new Uint32Array(capacity);
  let count = 0;

  /** The slot of the key, or the free one where it goes. */
  function slotOfKey(): number {
    let slot = (key[0] ?? 0) & (capacity - 1);
    while (!isAt(keys, slot, key) && !isFree(keys, slot)) {
      slot = (slot + 1) & (capacity - 1);
    }
    return slot;
  }

  function put(number: number): void {
    const slot = slotOfKey();
    count += isFree(keys, slot) ? 1 : 0;
    keys.set(key, slot * KEPT_WORDS);
    numbers[slot] = number;
  }

  function grow(): void {
    const [oldKeys, oldNumbers] = [keys, numbers];
    capacity *= 2;
    keys = new Uint32Array(capacity * KEPT_WORDS);
    numbers = new Uint32Array(capacity);
    count = 0;
    for (const [slot, number] of oldNumbers.entries()) {
      if (!isFree(oldKeys, slot)) {
        key.set(oldKeys.subarray(slot * KEPT_WORDS, (slot + 1) * KEPT_WORDS));
        put(number);
      }
    }
  }

  return {
    set(digest, number) {
      readKey(digest);
      put(number);
      if (count * 2 > capacity) {
        grow();
      }
    },
    get(digest) {
      readKey(digest);
      const slot = slotOfKey();
      return isFree(keys, slot) ? undefined : numbers[slot];
    },
  };
}

function readKey(digest: string): void {
  if (keyBytes.write(digest, 0, KEPT_BYTES, 'hex') !== KEPT_BYTES) {
    throw new TypeError(`not a digest: ${digest}`);
  }
}

function isAt(keys: Uint32Array, slot: number, wanted: Uint32Array): boolean {
  const at = slot * KEPT_WORDS;
  return (
    keys[at] === wanted[0] && keys[at + 1] === wanted[1] && keys[at + 2] === wanted[2] && keys[at + 3] === wanted[3]
  );
}

/** A digest that begins with 16 zero bytes does not occur; such a slot is free. */
function isFree(keys: Uint32Array, slot: number): boolean {
  const at = slot * KEPT_WORDS;
  return keys[at] === 0 && keys[at + 1] === 0 && keys[at + 2] === 0 && keys[at + 3] === 0;
}
