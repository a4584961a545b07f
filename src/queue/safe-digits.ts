/**
 * Numbers in Postfix's "safe" alphabet: digits and letters without vowels, so that no queue ID spells a word.
 * Authority: safe_ultostr.c. Upper and lower case are different digits.
 */

const SAFE_DIGITS = '0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz';
const DIGIT_VALUE: ReadonlyMap<string, number> = new Map(
  Array.from(SAFE_DIGITS, (digit, value) => [digit, value] as const),
);

/**
 * Writes a number as safe_ultostr() does: zero is the empty string, filled up with `0` to `width`.
 *
 * @param base 52, or 51 for a number that must not contain `z`.
 */
export function formatSafeDigits(value: bigint, base: 51 | 52, width: number): string {
  let digits = '';
  for (let rest = value; rest > 0n; rest /= BigInt(base)) {
    digits = SAFE_DIGITS.charAt(Number(rest % BigInt(base))) + digits;
  }
  return digits.padStart(width, '0');
}

/** Reads what {@link formatSafeDigits} wrote; `undefined` when a character is no digit of the base. Empty is zero. */
export function parseSafeDigits(text: string, base: 51 | 52): bigint | undefined {
  let value = 0n;
  for (const digit of text) {
    const digitValue = DIGIT_VALUE.get(digit);
    if (digitValue === undefined || digitValue >= base) {
      return undefined;
    }
    value = value * BigInt(base) + BigInt(digitValue);
  }
  return value;
}
