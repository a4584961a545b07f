/** Remembers which file names occurred, in eight bytes a name and no more: an archive may hold millions. */

import { hash } from 'node:crypto';

const INITIAL_CAPACITY = 1024;
const EMPTY = 0n;

/**
 * A set of hashes in an open table. Two names of the same hash (64 bits of a SHA-256) would count as one: that is one
 * chance in millions of archives, and the archive is refused, not misread.
 */
export class FileNameSet {
  #table = new BigUint64Array(INITIAL_CAPACITY);
  #count = 0;

  /** Adds a name. @returns false: it was there already. */
  add(name: string): boolean {
    if (this.#count * 2 >= this.#table.length) {
      this.#grow();
    }
    const isNew = insert(this.#table, hashOf(name));
    this.#count += isNew ? 1 : 0;
    return isNew;
  }

  #grow(): void {
    const table = new BigUint64Array(this.#table.length * 2);
    for (const hash of this.#table) {
      if (hash !== EMPTY) {
        insert(table, hash);
      }
    }
    this.#table = table;
  }
}

function insert(table: BigUint64Array, hash: bigint): boolean {
  const mask = table.length - 1;
  for (let at = Number(hash & 0xffff_ffffn) & mask; ; at = (at + 1) & mask) {
    const there = table[at];
    if (there === hash) {
      return false;
    }
    if (there === EMPTY) {
      table[at] = hash;
      return true;
    }
  }
}

function hashOf(name: string): bigint {
  const digest = hash('sha256', name, 'buffer').readBigUInt64LE(0);
  return digest === EMPTY ? 1n : digest;
}
