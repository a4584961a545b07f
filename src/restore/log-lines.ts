/** The lines of mail logs, which may be packed, in the order of their times over all logs. */

import { foreignPackingOf } from '../archive/magic.ts';
import { unpackedBytes } from '../archive/unpacked-bytes.ts';
import type { ByteSource } from '../byte-source.ts';
import { InterruptedError } from '../errors.ts';
import { unpackByProgram } from '../fs/unpack-by-program.ts';
import { LogLineReader } from '../mail-log/log-line.ts';

/** A log that is open. */
export interface OpenLog {
  readonly name: string;
  readonly source: ByteSource;
}

export interface DatedLine {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly line: string;
}

export interface LogReading {
  /** Seconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of a log whose lines are not in the order of time: what stands behind is passed over. */
  readonly onDisorder: (name: string) => void;
}

const BEGINNING = 64;
const PIECE_SIZE = 256 * 1024;
/** What is longer is no line of a log. */
const LINE_MAXIMUM = 1024 * 1024;
/** So much a log may go back: clocks are set, local time ends its summer. */
const BACK_MAXIMUM = 7200;

/** Merges the logs: each tells of a part of the time, or they overlap. */
export async function* mergedLines(logs: readonly OpenLog[], reading: LogReading): AsyncGenerator<DatedLine[]> {
  const heads: Head[] = [];
  for (const log of logs) {
    const head = new Head(datedLines(log, reading));
    if (await head.fill()) {
      heads.push(head);
    }
  }
  // Of one second the end of a log comes before the beginning of the next one: stamps have whole seconds.
  heads.sort((one, other) => one.time - other.time);
  for (let first = earliest(heads); first !== undefined; first = earliest(heads)) {
    const limit = earliest(heads.filter((head) => head !== first))?.time ?? Number.POSITIVE_INFINITY;
    yield first.takeUntil(limit);
    if (!(await first.fill())) {
      heads.splice(heads.indexOf(first), 1);
    }
    if (reading.signal?.aborted === true) {
      throw new InterruptedError();
    }
  }
}

/** Of several the first. */
function earliest(heads: readonly Head[]): Head | undefined {
  let found: Head | undefined;
  for (const head of heads) {
    if (found === undefined || head.time < found.time) {
      found = head;
    }
  }
  return found;
}

/** The lines of one log that are read and not given yet. */
class Head {
  readonly #batches: AsyncIterator<DatedLine[]>;
  #lines: readonly DatedLine[] = [];
  #at = 0;

  constructor(batches: AsyncIterable<DatedLine[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  get time(): number {
    return this.#lines[this.#at]?.time ?? Number.POSITIVE_INFINITY;
  }

  /** Returns whether there are lines. */
  async fill(): Promise<boolean> {
    while (this.#at >= this.#lines.length) {
      const next = await this.#batches.next();
      if (next.done === true) {
        return false;
      }
      this.#lines = next.value;
      this.#at = 0;
    }
    return true;
  }

  /** What is read and not later, one line at least. */
  takeUntil(limit: number): DatedLine[] {
    const from = this.#at;
    do {
      this.#at += 1;
    } while (this.#at < this.#lines.length && this.time <= limit);
    return this.#lines.slice(from, this.#at);
  }
}

async function* datedLines(log: OpenLog, { now, onDisorder }: LogReading): AsyncGenerator<DatedLine[]> {
  const reader = new LogLineReader(now);
  let latest = Number.NEGATIVE_INFINITY;
  for await (const lines of textLines(log)) {
    const dated: DatedLine[] = [];
    for (const line of lines) {
      const time = reader.timeOf(line);
      if (time !== undefined && time < latest - BACK_MAXIMUM) {
        onDisorder(log.name);
        yield dated;
        return;
      }
      if (time !== undefined) {
        latest = Math.max(latest, time);
        dated.push({ time: latest, line });
      }
    }
    yield dated;
  }
}

async function* textLines(log: OpenLog): AsyncGenerator<string[]> {
  let rest = Buffer.alloc(0);
  for await (const piece of logBytes(log)) {
    const bytes = Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf('\n') + 1;
    rest = Buffer.from(bytes.subarray(end));
    if (rest.length > LINE_MAXIMUM) {
      rest = Buffer.alloc(0);
    }
    if (end > 0) {
      yield bytes.toString('utf8', 0, end - 1).split('\n');
    }
  }
  // Without its newline a line may be cut off: nothing is believed of it.
}

function logBytes({ name, source }: OpenLog): AsyncIterable<Uint8Array> {
  const nextStep = (command: string): string =>
    `Unpack it on the way: ${command} FILE, and give that on standard input.`;
  return foreignPackingOf(Uint8Array.from(source.read(0, BEGINNING))) === 'xz'
    ? unpackByProgram(['xz', '-dc'], name, pieces(source))
    : unpackedBytes({ name, source, nextStep, onRead: () => undefined });
}

function* pieces(source: ByteSource): Generator<Uint8Array> {
  for (let at = 0; at < source.size; at += PIECE_SIZE) {
    yield Uint8Array.from(source.read(at, Math.min(PIECE_SIZE, source.size - at)));
  }
}
