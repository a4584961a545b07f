/** Time values of main.cf: `300s`, `5d`. */

const SECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
]);

const INT_MAX = 2_147_483_647;

/**
 * Reads a time parameter such as `300s` or `5d`; a number alone has the parameter's default unit (conv_time.c).
 *
 * @returns seconds, or undefined where Postfix would refuse the value
 */
export function parseTimeValue(text: string, defaultUnit: string): number | undefined {
  const match = /^\s*\+?(\d+)(.?)/u.exec(text);
  const [, digits, unit] = match ?? [];
  const factor = SECONDS_PER_UNIT.get(unit === undefined || unit === '' ? defaultUnit : unit);
  if (digits === undefined || factor === undefined) {
    return undefined;
  }
  const seconds = Number(digits) * factor;
  return seconds <= INT_MAX ? seconds : undefined;
}
