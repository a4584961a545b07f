/**
 * What a member of the archive's JSON may hold. Encoder and decoder go by the same definition: the encoder writes nothing
 * that the decoder does not take, so no file in a queue can make an archive that can't be read.
 */

/** Whether a value is of the form. */
export type Form<Value> = (value: unknown) => value is Value;

const SHA256_LENGTH = 64;
const DECIMAL = /^(?:0|-?[1-9][0-9]{0,29})$/;
const UNSIGNED_64_MAXIMUM = 0xffff_ffff_ffff_ffffn;

/** A whole number within bounds, both of them included, that a double holds exactly. */
export function wholeNumber(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Form<number> {
  return (value): value is number =>
    Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
}

/** A text of no more characters, in UTF-16. */
export function text(maximum: number): Form<string> {
  return (value): value is string => typeof value === 'string' && value.length <= maximum;
}

/** A text that `is` accepts. */
export function textOf<Value extends string>(is: (text: string) => text is Value): Form<Value> {
  return (value): value is Value => typeof value === 'string' && is(value);
}

/** A list of no more values, each of the form. */
export function listOf<Value>(form: Form<Value>, maximum: number): Form<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.length <= maximum && value.every(form);
}

/** The form, or nothing at all. */
export function optional<Value>(form: Form<Value>): Form<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || form(value);
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** The digits of a whole number of up to thirty digits, of which there is one spelling. */
export function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL.test(value);
}

/** The same of a number of 64 bits without a sign: an inode number. */
export function isUnsigned64(value: unknown): value is string {
  return isDecimal(value) && !value.startsWith('-') && BigInt(value) <= UNSIGNED_64_MAXIMUM;
}

/** A SHA-256 in lower-case hexadecimal. Four a message are looked at: a loop takes a third of a regular expression's time. */
export function isSha256(value: unknown): value is string {
  if (typeof value !== 'string') {
    return false;
  }
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && (code < 0x61 || code > 0x66)) {
      return false;
    }
  }
  return value.length === SHA256_LENGTH;
}
