/** What a recovery takes away: names of a message and its logs that were found where they should not be. */

import { directoriesOf, makeDurable } from '../fs/durable.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import type { Work } from './work.ts';

/**
 * Gone only when what stays is durable; logs go before their message, by whose name they are found.
 * (removals.test.ts, "removes nothing if what stays can not be made durable", "keeps what stays in new directories")
 */
export class Removals {
  readonly #work: Work;
  readonly #kept = new Set<string>();
  readonly #superfluous = new Set<string>();

  constructor(work: Work) {
    this.#work = work;
  }

  keep(path: string): void {
    this.#kept.add(path);
  }

  remove(path: string): void {
    this.#superfluous.add(path);
  }

  carryOut(): void {
    const { fs, queueDirectory: root } = this.#work.target;
    if (this.#superfluous.size > 0) {
      makeDurable(fs, { root, files: this.#kept, directories: directoriesOf(this.#kept, root) });
      for (const path of this.#superfluous) {
        if (!this.#kept.has(path)) {
          safeUnlink(fs, path);
        }
      }
    }
  }
}

/** A recovery at work. */
export interface Recovery {
  readonly work: Work;
  readonly removals: Removals;
}
