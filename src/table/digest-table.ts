/**
 * Digests, and a number for each, in little memory: 20 bytes a slot, in one table. A large queue has millions, and a map
 * of strings would take ten times as much.
 */

const KEPT_BYTES = 16;
const KEPT_WORDS = KEPT_BYTES / 4;
const FIRST_CAPACITY = 1024;

/**
 * A table for digests as 64 hexadecimal digits, each with a number below 2³²; the first 128 bits are compared. They are
 * digests, so their own first bytes spread them over the table.
 */
export class DigestTable {
  #capacity = FIRST_CAPACITY;
  #keys = new Uint32Array(FIRST_CAPACITY * KEPT_WORDS);
  #numbers = new Uint32Array(FIRST_CAPACITY);
  #count = 0;
  /** The digest that is looked up: a table is asked millions of times, and makes no garbage. */
  readonly #key = new Uint32Array(KEPT_WORDS);
  readonly #keyBytes = Buffer.from(this.#key.buffer);

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Notes a number for a digest; the last one counts. Returns whether the digest was new. */
  set(digest: string, number: number): boolean {
    const before = this.#count;
    this.#readKey(digest);
    this.#put(number);
    const isNew = this.#count > before;
    if (this.#count * 2 > this.#capacity) {
      this.#grow();
    }
    return isNew;
  }

  get(digest: string): number | undefined {
    this.#readKey(digest);
    const slot = this.#slotOfKey();
    return isFree(this.#keys, slot) ? undefined : this.#numbers[slot];
  }

  #readKey(digest: string): void {
    if (this.#keyBytes.write(digest, 0, KEPT_BYTES, 'hex') !== KEPT_BYTES) {
      throw new TypeError(`not a digest: ${digest}`);
    }
  }

  /** The slot of the key, or the free one where it goes. */
  #slotOfKey(): number {
    const keys = this.#keys;
    let slot = (this.#key[0] ?? 0) & (this.#capacity - 1);
    while (!isAt(keys, slot, this.#key) && !isFree(keys, slot)) {
      slot = (slot + 1) & (this.#capacity - 1);
    }
    return slot;
  }

  #put(number: number): void {
    const slot = this.#slotOfKey();
    this.#count += isFree(this.#keys, slot) ? 1 : 0;
    this.#keys.set(this.#key, slot * KEPT_WORDS);
    this.#numbers[slot] = number;
  }

  #grow(): void {
    const [oldKeys, oldNumbers] = [this.#keys, this.#numbers];
    this.#capacity *= 2;
    this.#keys = new Uint32Array(this.#capacity * KEPT_WORDS);
    this.#numbers = new Uint32Array(this.#capacity);
    this.#count = 0;
    for (const [slot, number] of oldNumbers.entries()) {
      if (!isFree(oldKeys, slot)) {
        this.#key.set(oldKeys.subarray(slot * KEPT_WORDS, (slot + 1) * KEPT_WORDS));
        this.#put(number);
      }
    }
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
