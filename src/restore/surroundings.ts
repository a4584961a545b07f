/** What a restore has of the world outside: where it writes, and clock and chance. */

import { clockAndChanceOf, randomNames } from '../clock-and-chance.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { SubmissionService } from '../journal/submission.ts';
import type { OperationControl } from '../operation.ts';
import type { Accounts } from '../postfix/accounts.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';

export interface Surroundings {
  readonly fs: FileSystem;
  readonly configuration: PostfixConfiguration;
  readonly accounts: Accounts;
  readonly control: OperationControl;
  /** Only where postsnap is root, and only root can change the queue directory. */
  readonly submissions: SubmissionService | undefined;
  /** Whether Postfix works on the queue; undefined where it can't be told. */
  readonly running: boolean | undefined;
  /** The services of the target's master.cf; undefined where they can't be told. */
  readonly services: readonly string[] | undefined;
  readonly now: () => Date;
  /** Milliseconds, from any start, that never go back. */
  readonly clock: () => number;
  /** Another text at each call, fit for a file name. */
  readonly randomName: () => string;
  readonly warnings: Warnings;
}

/** Clock and chance, as the operation was given them. */
export function clockAndNames(control: OperationControl): Pick<Surroundings, 'now' | 'clock' | 'randomName'> {
  const clockAndChance = clockAndChanceOf(control);
  const { now, clock } = clockAndChance;
  return { now, clock, randomName: randomNames(clockAndChance) };
}

/** Tells each warning once, when it arises, and keeps it for the report. */
export class Warnings {
  readonly #told: string[] = [];
  readonly #control: OperationControl;

  constructor(control: OperationControl) {
    this.#control = control;
  }

  tell(message: string): void {
    if (!this.#told.includes(message)) {
      this.#told.push(message);
      this.#control.onEvent?.({ kind: 'warning', message });
    }
  }

  list(): readonly string[] {
    return this.#told;
  }
}
