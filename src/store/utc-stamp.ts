/** Times in the names of a store: `YYYYMMDDTHHMMSSZ`, UTC, so that names sort as times do. */

const STAMP = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/u;

/** @param time milliseconds since the epoch, in the years 0000 to 9999; what is below a second is cut off */
export function formatStamp(time: number): string {
  return new Date(time)
    .toISOString()
    .replace(/\.\d+Z$/u, 'Z')
    .replace(/[-:]/gu, '');
}

/**
 * Reads what {@link formatStamp} wrote.
 *
 * @returns milliseconds since the epoch; undefined for any other text, the 30th of February too
 */
export function parseStamp(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = STAMP.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return !Number.isNaN(time) && formatStamp(time) === text ? time : undefined;
}
