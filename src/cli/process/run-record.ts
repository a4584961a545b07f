/** What a run leaves in the mail log, from its first message to its last line. */

import type { MessageMapping } from '../../restore/options.ts';
import { type MailLog, runLine } from '../output/mail-log.ts';

/** What is to be known of a run, by name. */
export type RunFacts = Readonly<Record<string, string | number | null>>;

export class RunRecord {
  readonly #command: string;
  readonly #log: MailLog | undefined;
  #facts: RunFacts = {};

  /** @param log undefined: nothing is written */
  constructor(command: string, log: MailLog | undefined) {
    this.#command = command;
    this.#log = log;
  }

  add(mapping: MessageMapping): void {
    this.#log?.addMapping(mapping);
  }

  summarize(facts: RunFacts): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  /** @param error what ended the run early */
  end(status: number, error?: unknown): void {
    const all: RunFacts = { ...this.#facts, ...(error instanceof Error ? { reason: error.message } : {}) };
    const facts = Object.entries(all);
    this.#log?.end(
      runLine(
        this.#command,
        status,
        facts.flatMap(([name, value]): [string, string | number][] => (value === null ? [] : [[name, value]])),
      ),
      status,
    );
  }
}
