/**
 * A Bloom filter over the queue IDs of one part of the catalogue, kept in the seal: one message is found without
 * reading the whole catalogue. Eight bits or more an ID and seven probes: one part in fifty, at most, is read in vain.
 */

import { hash } from 'node:crypto';

const PROBES = 7;
const MINIMUM_BYTES = 8;
const BITS_PER_ID = 10;

/** The filter that sends everybody to its part: where the seal has no room for better ones. */
export const OPEN_FILTER: Uint8Array = new Uint8Array(MINIMUM_BYTES).fill(0xff);

/** Makes the filter of these queue IDs. Its length is a power of two, at least ten bits an ID. */
export function createIdFilter(queueIds: readonly string[]): Uint8Array {
  const wanted = Math.max(MINIMUM_BYTES, (queueIds.length * BITS_PER_ID) / 8);
  const filter = new Uint8Array(2 ** Math.ceil(Math.log2(wanted)));
  for (const queueId of queueIds) {
    const digest = digestOf(queueId);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = bitOf(digest, probe, filter);
      filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  return filter;
}

/** False: the part certainly holds nothing of this queue ID. True: it probably does. */
export function mayHoldId(filter: Uint8Array, queueId: string): boolean {
  const digest = digestOf(queueId);
  for (let probe = 0; probe < PROBES; probe += 1) {
    const bit = bitOf(digest, probe, filter);
    if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) {
      return false;
    }
  }
  return true;
}

/** Whether a filter that came out of an archive can be asked. */
export function isIdFilter(filter: Uint8Array): boolean {
  return filter.length >= MINIMUM_BYTES && (filter.length & (filter.length - 1)) === 0;
}

/** A character for each byte: Node.js makes that six times as fast as a Buffer. */
function digestOf(queueId: string): string {
  return hash('sha256', queueId, 'binary');
}

/** Which bit a probe looks at: one of the first seven words of the ID's SHA-256, big-endian, modulo the number of bits. */
function bitOf(digest: string, probe: number, filter: Uint8Array): number {
  let word = 0;
  for (let at = probe * 4; at < probe * 4 + 4; at += 1) {
    word = word * 256 + digest.charCodeAt(at);
  }
  return word % (filter.length * 8);
}
