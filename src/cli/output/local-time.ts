/**
 * A moment for people: `2026-11-27 03:27:33 +0100`, in local time with its distance from UTC. What is no time is shown as
 * it is: it may come from an archive.
 *
 * @param moment ISO 8601, or milliseconds since the epoch
 */
export function localTime(moment: string | number): string {
  const time = new Date(moment);
  if (Number.isNaN(time.getTime())) {
    return String(moment);
  }
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':');
  return `${date} ${clock} ${zoneOf(time)}`;
}

function zoneOf(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${twoDigits(hours)}${twoDigits(rest)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
