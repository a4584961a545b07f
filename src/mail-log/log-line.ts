/**
 * Lines of a mail log: what syslog daemons, `journalctl -o short-iso` or `-o short-iso-precise`, and postlogd(8) write. A
 * line has a time, a host, a tag with the process ID, and Postfix's text.
 */

export interface LogLine {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly host: string;
  /** syslog_name: what stands before the last slash of the tag. */
  readonly syslogName: string;
  /** The daemon or command: what stands behind it. */
  readonly program: string;
  readonly text: string;
}

/** syslog daemons cut lines far below. */
const LINE_MAXIMUM = 16_384;
const MILLISECONDS = 1000;
/** A clock may be ahead. */
const AHEAD_MAXIMUM = 86_400;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 27 07:08:51`: the local time of whoever wrote it, without a year (RFC 3164, section 4.1.2). */
const TRADITIONAL = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/;
const TRADITIONAL_LENGTH = 15;
const ISO = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

const TAGGED = /^ (\S+) ([^\s[\]:]*)\/([^\s[\]:/]+)(?:\[\d+\])?: (.*)$/su;

/** Reads the lines of one log. */
export class LogLineReader {
  readonly #now: number;
  /** Many lines have one time. */
  #stamp = '';
  #time: number | undefined;

  /** @param now seconds since the epoch: a time without a year is the last one that is not ahead of it */
  constructor(now: number) {
    this.#now = now;
  }

  /** The time of a line; undefined where it has none that is known. */
  timeOf(line: string): number | undefined {
    const stamp = stampOf(line);
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#time = parseStamp(stamp, this.#now);
    }
    return this.#time;
  }

  /** The parts of a line; undefined for one that no program of Postfix has written. */
  read(line: string): LogLine | undefined {
    const time = line.length > LINE_MAXIMUM ? undefined : this.timeOf(line);
    const [, host, syslogName, program, text] =
      time === undefined ? [] : (TAGGED.exec(line.slice(this.#stamp.length)) ?? []);
    return time === undefined ||
      host === undefined ||
      syslogName === undefined ||
      program === undefined ||
      text === undefined
      ? undefined
      : { time, host, syslogName, program, text };
  }
}

function stampOf(line: string): string {
  const first = line.charCodeAt(0);
  const isIso = first >= 0x30 && first <= 0x39;
  return isIso ? line.slice(0, Math.max(0, line.indexOf(' '))) : line.slice(0, TRADITIONAL_LENGTH);
}

function parseStamp(stamp: string, now: number): number | undefined {
  return parseTraditional(stamp, now) ?? parseIso(stamp);
}

function parseTraditional(stamp: string, now: number): number | undefined {
  const [, name = '', ...numbers] = TRADITIONAL.exec(stamp) ?? [];
  const month = MONTHS.indexOf(name);
  if (month < 0) {
    return undefined;
  }
  const [day = 0, hour = 0, minute = 0, second = 0] = numbers.map(Number);
  const inYear = (year: number): number => new Date(year, month, day, hour, minute, second).getTime() / MILLISECONDS;
  const year = new Date(now * MILLISECONDS).getFullYear();
  return [year + 1, year].map(inYear).find((time) => time <= now + AHEAD_MAXIMUM) ?? inYear(year - 1);
}

/** Without a zone it is the local time. Date knows milliseconds only. */
function parseIso(stamp: string): number | undefined {
  const [, dateTime, fraction = '0', zone = ''] = ISO.exec(stamp) ?? [];
  if (dateTime === undefined) {
    return undefined;
  }
  const withColon = zone.length === '+0100'.length ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const milliseconds = Date.parse(`${dateTime.replace(' ', 'T')}${withColon}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / MILLISECONDS + Number(`0.${fraction}`);
}
