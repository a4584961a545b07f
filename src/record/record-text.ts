/**
 * Payloads as Postfix reads them: as C strings, with atol(), split_nameval() and REC_TYPE_TIME_SCAN. Text here is
 * Latin-1, one character a byte, so that nothing is lost.
 */

const NUL = '\0';

/** What strlen() sees: up to the first NUL byte. */
export function cString(text: string): string {
  const end = text.indexOf(NUL);
  return end < 0 ? text : text.slice(0, end);
}

/** Beyond a `long` there is none but its greatest: strtol(3), which atol(3) and sscanf(3) go by. */
const LONG_MAXIMUM = 2 ** 63;

/** The number at the start of the text, after white space, and 0 where there is none: atol(3). */
export function leadingNumber(text: string): number {
  const match = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  return match === null ? 0 : saturated(Number(match[1]));
}

/** A number as a `long` holds it, as near as a double comes. */
export function saturated(number: number): number {
  return Math.max(-LONG_MAXIMUM, Math.min(LONG_MAXIMUM, number));
}

/** Whether the text is digits only, and at least one: alldig(). */
export function isDigits(text: string): boolean {
  return /^\d+$/.test(text);
}

export interface NameValue {
  readonly name: string;
  readonly value: string;
}

/** Splits `name = value` as split_nameval() does; `undefined` when a name or the `=` is missing. */
export function splitNameValue(text: string): NameValue | undefined {
  const payload = cString(text);
  const equals = payload.indexOf('=');
  const name = trim(payload.slice(0, Math.max(equals, 0)));
  return name === '' || /[ \t\n\v\f\r]/.test(name) ? undefined : { name, value: trim(payload.slice(equals + 1)) };
}

/** Without the white space that ISSPACE() sees; String.trim() would take bytes of other characters for such. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) {
    start += 1;
  }
  while (end > start && isSpace(text.charCodeAt(end - 1))) {
    end -= 1;
  }
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

export interface RecordTime {
  /** Since the epoch. */
  readonly seconds: number;
  readonly microseconds: number;
}

/** Reads the payload of a T record. Before Postfix 2.3 it had no microseconds. */
export function scanTime(text: string): RecordTime {
  const payload = cString(text);
  const afterSeconds = payload.slice(/^\d*/.exec(payload)?.[0].length ?? 0);
  return { seconds: leadingNumber(payload), microseconds: leadingNumber(afterSeconds) };
}
