/** The files of a queue that mail_owner can't read, and that root has read for him. */

import type { OperationControl } from '../operation.ts';

/** What is kept of their names: for the count, each is counted once. */
const COUNTED_MAXIMUM = 1_000_000;
const EXAMPLES = 3;

export class RootsFiles {
  readonly #paths = new Set<string>();

  note(path: string): void {
    if (this.#paths.size < COUNTED_MAXIMUM) {
      this.#paths.add(path);
    }
  }

  /** Says what is wrong with them, if there are any: they are in the archive, but Postfix can't deliver them. */
  warn({ onEvent }: OperationControl, queue: { readonly owner: string; readonly queueDirectory: string }): void {
    const count = this.#paths.size;
    if (count === 0) {
      return;
    }
    const names = [...this.#paths].slice(0, EXAMPLES).join(', ');
    const more = count > EXAMPLES ? ', ...' : '';
    const which = count === 1 ? `1 file of this queue is` : `${count} files of this queue are`;
    const message =
      `${which} in the archive, but only root can read ${count === 1 ? 'it' : 'them'}, and Postfix can't: ` +
      `${names}${more}. Stop Postfix and make them ${queue.owner}'s: ` +
      `chown -R ${queue.owner} on the queues below ${queue.queueDirectory}.`;
    onEvent?.({ kind: 'warning', message });
  }
}
