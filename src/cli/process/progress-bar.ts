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

/** Draws with cli-progress, which is loaded here, since most runs don't need it. */
export async function progressBar(stream: NodeJS.WriteStream): Promise<ProgressDisplay> {
  const { Presets, SingleBar: Bar } = await import('cli-progress').then((module) => module.default);
  const format = '{phase} |{bar}| {percentage}% {doneText}/{totalText}{leftText}';
  let bar: SingleBar | undefined;
  let phase: string | undefined;
  function clear(): void {
    bar?.stop();
    bar = undefined;
  }
  return {
    show(progress) {
      if (progress.total <= 0) {
        return;
      }
      if (phase !== progress.phase) {
        clear();
      }
      phase = progress.phase;
      const payload = payloadOf(progress);
      if (bar === undefined) {
        bar = new Bar({ format, stream, clearOnComplete: true, hideCursor: true, noTTYOutput: false }, Presets.legacy);
        bar.start(progress.total, progress.done, payload);
      } else {
        bar.setTotal(progress.total);
        bar.update(progress.done, payload);
      }
    },
    clear,
  };
}

/** How far it is, as one line. */
export function progressText(progress: OperationProgress): string {
  const { phase, unit, done, total } = progress;
  const text = unit === 'bytes' ? formatBytes : formatCount;
  return `${phase}: ${text(done)} of ${text(total)}${leftText(progress)}`;
}

function payloadOf(progress: OperationProgress): object {
  const text = progress.unit === 'bytes' ? formatBytes : formatCount;
  return {
    phase: progress.phase.padEnd(10),
    doneText: text(progress.done),
    totalText: text(progress.total),
    leftText: leftText(progress),
  };
}

function leftText({ secondsLeft }: OperationProgress): string {
  return secondsLeft === undefined ? '' : `, ${formatDuration(secondsLeft * 1000)} left`;
}
