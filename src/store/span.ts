/** A span of the calendar, as restic writes it: `14d`, `1y6m`, `2d12h`. */

export interface Span {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

const SPAN = /^(?=\d)(?:(\d{1,4})y)?(?:(\d{1,5})m)?(?:(\d{1,6})d)?(?:(\d{1,7})h)?$/u;

/** @returns undefined for any other text */
export function parseSpan(text: string): Span | undefined {
  const [matched, years = '0', months = '0', days = '0', hours = '0'] = SPAN.exec(text) ?? [];
  return matched === undefined
    ? undefined
    : { years: Number(years), months: Number(months), days: Number(days), hours: Number(hours) };
}

export function isNoSpan({ years, months, days, hours }: Span): boolean {
  return years === 0 && months === 0 && days === 0 && hours === 0;
}

/**
 * The time that is a span before another, in UTC. A day that a month does not have is counted on into the next: a month
 * before the 31st of March is the 3rd of March, or the 2nd.
 */
export function timeBefore(time: number, { years, months, days, hours }: Span): number {
  const date = new Date(time);
  date.setUTCFullYear(date.getUTCFullYear() - years, date.getUTCMonth() - months, date.getUTCDate() - days);
  return date.getTime() - hours * 3_600_000;
}
