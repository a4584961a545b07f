/**
 * What went wrong beside the work of a run: with the mail log, the metrics, the service that is told of it. It is a warning
 * where the work was done. A run that fails says it in the line that tells why: there is one line to be read.
 */

import { severityLine } from '../output/stderr-line.ts';

export class Asides {
  #texts: string[] = [];

  add(text: string): void {
    if (!this.#texts.includes(text)) {
      this.#texts.push(text);
    }
  }

  /** The warnings; what is told once is not told again. */
  asWarnings(): string {
    return this.#take()
      .map((text) => severityLine('warning', text))
      .join('');
  }

  /** @param fatal - the line that tells why the run failed; for a bug, lines */
  besides(fatal: string): string {
    const [line = '', ...more] = fatal.split('\n');
    const texts = this.#take();
    if (texts.length === 0 || more.length > 1) {
      return fatal + texts.map((text) => severityLine('warning', text)).join('');
    }
    return `${line.replace(/\.$/u, '')}. Besides, ${texts.join('; ')}\n`;
  }

  #take(): string[] {
    const texts = this.#texts;
    this.#texts = [];
    return texts;
  }
}
