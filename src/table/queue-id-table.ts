/**
 * Queue IDs by the million: each is kept once, as bytes, and is known by a small number from then on.
 *
 * A Set of strings takes some 80 bytes for each ID, and a running queue is listed again and again. Here an ID of twelve
 * characters takes 25, and looking it up makes no garbage.
 */

import { Column } from './column.ts';

const FIRST_SLOTS = 2048;
/** mail_queue_id_ok(): an ID has at most 255 characters, so its length fits one byte. */
const MAXIMUM_LENGTH = 255;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hashOf(text: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  // FNV leaves the low bits weak, and the low bits choose the slot.
  return (hash ^ (hash >>> 15)) >>> 0;
}

export class QueueIdTable {
  #count = 0;
  readonly #bytes = new Column((length) => Buffer.alloc(length));
  #bytesUsed = 0;
  /** Where each ID begins: a byte of length, then its characters. */
  readonly #offsets = new Column((length) => new Uint32Array(length));
  /** Open addressing with linear probing: the ID's number plus one, 0 for a free slot. At most half are taken. */
  #slots: Uint32Array = new Uint32Array(FIRST_SLOTS);

  get size(): number {
    return this.#count;
  }

  /** The number of an ID, or -1 where it is not in the table. */
  find(text: string): number {
    return this.#slot(text, hashOf(text)).index;
  }

  /**
   * The number of an ID, which is added if it is not in the table. Numbers are given in order, from 0.
   *
   * @param text ASCII, 1 to 255 characters: a queue ID
   */
  add(text: string): number {
    const hash = hashOf(text);
    const { slot, index } = this.#slot(text, hash);
    if (index !== -1) {
      return index;
    }
    if (text.length > MAXIMUM_LENGTH) {
      throw new RangeError(`${text.length} characters are too long for a queue ID`);
    }
    this.#slots[slot] = this.#count + 1;
    this.#store(text);
    this.#count += 1;
    if (this.#count * 2 > this.#slots.length) {
      this.#rehash();
    }
    return this.#count - 1;
  }

  text(index: number): string {
    const bytes = this.#bytes.values;
    const start = this.#offsets.values[index] ?? 0;
    const length = bytes[start] ?? 0;
    return bytes.toString('latin1', start + 1, start + 1 + length);
  }

  #slot(text: string, hash: number): { slot: number; index: number } {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = (this.#slots[slot] ?? 0) - 1;
      if (index === -1 || this.#isAt(index, text)) {
        return { slot, index };
      }
    }
  }

  #isAt(index: number, text: string): boolean {
    const bytes = this.#bytes.values;
    const start = this.#offsets.values[index] ?? 0;
    if (bytes[start] !== text.length) {
      return false;
    }
    for (let at = 0; at < text.length; at += 1) {
      if (bytes[start + 1 + at] !== text.charCodeAt(at)) {
        return false;
      }
    }
    return true;
  }

  #store(text: string): void {
    this.#offsets.reserve(this.#count + 1);
    this.#bytes.reserve(this.#bytesUsed + text.length + 1);
    const bytes = this.#bytes.values;
    this.#offsets.values[this.#count] = this.#bytesUsed;
    bytes[this.#bytesUsed] = text.length;
    for (let at = 0; at < text.length; at += 1) {
      bytes[this.#bytesUsed + 1 + at] = text.charCodeAt(at);
    }
    this.#bytesUsed += text.length + 1;
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#count; index += 1) {
      let slot = hashOf(this.text(index)) & mask;
      while (slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}
