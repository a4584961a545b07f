/**
 * Times in pax records (POSIX pax(1)): seconds since the epoch as a decimal number, here always with nine digits of
 * fraction, so that each time has one spelling.
 */

import { ArchiveError } from '../errors.ts';

const NANOSECONDS = 1_000_000_000n;
const TIMESTAMP = /^(?!-0\.0{9})-?(?:0|[1-9][0-9]{0,18})\.[0-9]{9}$/;

/** @param timeNs nanoseconds since the epoch, negative before it. */
export function formatTimestamp(timeNs: bigint): string {
  const magnitude = timeNs < 0n ? -timeNs : timeNs;
  const fraction = String(Number(magnitude % NANOSECONDS)).padStart(9, '0');
  return `${timeNs < 0n ? '-' : ''}${magnitude / NANOSECONDS}.${fraction}`;
}

/**
 * Reads what {@link formatTimestamp} wrote, as nanoseconds since the epoch.
 *
 * @throws ArchiveError `damaged`: any other text.
 */
export function parseTimestamp(text: string): bigint {
  if (!TIMESTAMP.test(text)) {
    throw new ArchiveError('damaged', 'an entry header has no usable time');
  }
  return BigInt(text.replace('.', ''));
}
