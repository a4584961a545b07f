/**
 * What a run writes into the mail log: a line for each message that was restored, as Postfix would name it, and one for the
 * run. Nothing that happens here changes what the run does or how it ends.
 */

import type { LogPriority } from '../../postfix/postlog.ts';
import type { MessageMapping } from '../../restore/options.ts';
import { printable } from './stderr-line.ts';

/** So many lines are handed over at a time. */
const AT_A_TIME = 1000;

export interface MailLogOptions {
  /** Returns what went wrong. */
  readonly write: (lines: readonly string[], priority: LogPriority) => string | undefined;
  readonly warn: (text: string) => void;
}

export class MailLog {
  readonly #options: MailLogOptions;
  #lines: string[] = [];
  #isBroken = false;

  constructor(options: MailLogOptions) {
    this.#options = options;
  }

  /** The lines of one message; those that tell of nothing done are none. */
  addMapping(mapping: MessageMapping): void {
    if (mapping.action === 'restored') {
      this.#lines.push(restoredLine(mapping));
      if (this.#lines.length >= AT_A_TIME) {
        this.#flush('info');
      }
    }
  }

  /** The last line. */
  end(line: string, status: number): void {
    this.#flush('info');
    this.#lines.push(printable(line));
    this.#flush(status === 0 ? 'info' : 'warn');
  }

  /** A log that can't be written is told once, and not tried again. */
  #flush(priority: LogPriority): void {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0 || this.#isBroken) {
      return;
    }
    const fault = this.#options.write(lines, priority);
    if (fault !== undefined) {
      this.#isBroken = true;
      this.#options.warn(`the mail log has not all that is to be said of this run: ${fault}`);
    }
  }
}

/** As Postfix's own lines, it begins with the queue ID that the message has now. */
function restoredLine({ queue_name, queue_id, new_queue_name, new_queue_id }: MessageMapping): string {
  const now = new_queue_id ?? queue_id;
  const queue = new_queue_name ?? queue_name;
  return printable(`${now}: restored, orig_id=${queue_id}, orig_queue=${queue_name}, queue=${queue}`);
}

/** The line of a whole run. */
export function runLine(
  command: string,
  status: number,
  facts: readonly (readonly [string, string | number])[],
): string {
  return `${command}: status=${status}${facts.map(([name, value]) => `, ${name}=${value}`).join('')}`;
}
