/** Ages and sizes on the command line. */

import { InvalidArgumentError } from '@commander-js/extra-typings';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
/** As `postqueue -p` counts its Kbytes. */
const BYTES = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** Reads an age: `90s`, `30m`, `2h`, `3d`, `1w`. @returns seconds */
export function parseSeconds(text: string): number {
  const seconds = amount(text, SECONDS);
  if (seconds === undefined) {
    throw new InvalidArgumentError('It must be a number with a unit: 90s, 30m, 2h, 3d or 1w.');
  }
  return seconds;
}

/** A moment that the clocks of all hosts agree on: with its zone. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/u;

/** How long ago, or when. */
export type AgeOrMoment = { readonly age: number } | { readonly moment: number };

/** Reads an age as {@link parseSeconds} does, or a time: `2025-11-26T03:15:00Z`. @returns seconds, or those since the epoch */
export function parseAgeOrMoment(text: string): AgeOrMoment {
  const age = amount(text, SECONDS);
  if (age !== undefined) {
    return { age };
  }
  const moment = MOMENT.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  if (Number.isNaN(moment)) {
    throw new InvalidArgumentError(
      'It must be a number with a unit, 90s, 30m, 2h, 3d or 1w, or a time with its zone, 2025-11-26T03:15:00Z.',
    );
  }
  return { moment };
}

/** Reads a size: `500`, `10k`, `5M`, `1G`. @returns bytes */
export function parseBytes(text: string): number {
  const bytes = amount(text.toLowerCase(), BYTES);
  if (bytes === undefined) {
    throw new InvalidArgumentError('It must be a number of bytes, or with a unit of 1024: 10k, 5M, 1G.');
  }
  return bytes;
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = /^([0-9]{1,12})([a-z]?)$/u.exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? Number.NaN);
  return digits === '' || !Number.isSafeInteger(value) ? undefined : value;
}
