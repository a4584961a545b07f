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

/** The number at the start of the text, after white space, and 0 where there is none: atol(3). */
export function leadingNumber(text: string): number {
  const match = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  return match === null ? 0 : Number(match[1]);
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
  const match = /^[ \t\n\v\f\r]*([^= \t\n\v\f\r]+)[ \t\n\v\f\r]*=[ \t\n\v\f\r]*([\s\S]*?)[ \t\n\v\f\r]*$/.exec(
    cString(text),
  );
  const [, name, value] = match ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
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
