/** Numbers for people: bytes, counts, ages. */

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A number of bytes for people, in powers of 1000: `812 bytes`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** An integer with a comma between thousands. */
export function formatCount(count: number): string {
  // Not toLocaleString(): to load its tables takes longer than all else that a summary needs.
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 message`, `3,120 messages`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A time span for people, from milliseconds: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 4 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How long ago something was, for people, from milliseconds: `3 minutes`, `2 days`. */
export function formatAge(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [unit, length] = AGE_UNITS.find(([, each]) => seconds >= 2 * each) ?? ['second', 1];
  return countOf(Math.floor(seconds / length), unit);
}

const AGE_UNITS = [
  ['year', 31_557_600],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;
