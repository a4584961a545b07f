/** The progress bar on the last line of a terminal. */

import type { SingleBar } from 'cli-progress';
import type { OperationProgress } from '../../operation.ts';
import { formatBytes, formatCount, formatDuration } from '../output/quantity.ts';

/** A bar on the last line of a terminal. */
export interface ProgressDisplay {
  show(progress: OperationProgress): void;
  /** Takes the bar off the screen, so that a line can be written; the next `show` draws it again. */
  clear(): void;
}

/** Where there is no terminal, or the bar was not asked for. */
export const noProgress: ProgressDisplay = { show: () => undefined, clear: () => undefined };

/** Whether a bar can be drawn: terminfo(5) has `dumb` for a terminal that can't move its cursor. */
export function canDrawBar(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

/** Loads cli-progress here, since most runs don't need it. */
export async function progressBar(stream: NodeJS.WriteStream): Promise<ProgressDisplay> {
  const { SingleBar: Bar } = await import('cli-progress').then((module) => module.default);
  return new TerminalBar(
    (format) => new Bar({ format, stream, clearOnComplete: true, hideCursor: true, noTTYOutput: false }),
  );
}

type BarFormat = (options: unknown, parameters: { readonly maxWidth: number }) => string;

/** Draws with cli-progress. */
class TerminalBar implements ProgressDisplay {
  readonly #newBar: (format: BarFormat) => SingleBar;
  #bar: SingleBar | undefined;
  #latest: OperationProgress | undefined;

  constructor(newBar: (format: BarFormat) => SingleBar) {
    this.#newBar = newBar;
  }

  show(progress: OperationProgress): void {
    if (progress.total <= 0) {
      return;
    }
    if (this.#latest?.phase !== progress.phase) {
      this.clear();
    }
    this.#latest = progress;
    if (this.#bar === undefined) {
      this.#bar = this.#newBar((_, { maxWidth }) =>
        this.#latest === undefined ? '' : barLine(this.#latest, maxWidth),
      );
      this.#bar.start(progress.total, progress.done);
    } else {
      this.#bar.setTotal(progress.total);
      this.#bar.update(progress.done);
    }
  }

  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/** How far it is, as one line. */
export function progressText(progress: OperationProgress): string {
  const { phase, unit, done, total } = progress;
  const text = unit === 'bytes' ? formatBytes : formatCount;
  return `${phase}: ${text(done)} of ${text(total)}${leftText(progress)}`;
}

const WIDEST_BAR = 40;
/** What is shorter shows nothing. */
const SHORTEST_BAR = 5;

/** The line of the bar. Where the terminal is narrow the bar gives way, then the phase: the figures stay. */
export function barLine(progress: OperationProgress, width: number): string {
  const { phase, unit, done, total } = progress;
  const text = unit === 'bytes' ? formatBytes : formatCount;
  const part = Math.min(done / total, 1);
  const figures = `${Math.floor(part * 100)}% ${text(done)}/${text(total)}${leftText(progress)}`;
  // In its last column a terminal may break the line.
  const room = width - 1;
  const beside = `${phase.padEnd(10)} || ${figures}`;
  const length = Math.min(WIDEST_BAR, room - beside.length);
  if (length >= SHORTEST_BAR) {
    return beside.replace('||', `|${'='.repeat(Math.round(part * length)).padEnd(length, '-')}|`);
  }
  return [`${phase} ${figures}`, figures].find((line) => line.length <= room) ?? figures.slice(0, Math.max(room, 0));
}

function leftText({ secondsLeft }: OperationProgress): string {
  return secondsLeft === undefined ? '' : `, ${formatDuration(secondsLeft * 1000)} left`;
}
