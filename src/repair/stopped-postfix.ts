/** Postfix, which is stopped while its queue is repaired: what it renames meanwhile can't be mended. */

import { BusyError } from '../errors.ts';
import type { HeldCommand } from '../fs/held-command.ts';
import type { OperationControl } from '../operation.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import { keepPostfixOff, UNLOCKED } from '../postfix/keep-off.ts';
import { isPostfixRunning } from '../postfix/running.ts';
import { isRoot } from '../rights/identity.ts';
import type { RepairOptions } from './options.ts';

export interface StoppedQuestion {
  readonly options: Pick<RepairOptions, 'queueDirectory' | 'dryRun'>;
  readonly configuration: PostfixConfiguration;
  readonly control: OperationControl;
}

/** Refuses to go on while Postfix runs, and keeps it from being started. */
export class StoppedPostfix {
  readonly #question: StoppedQuestion;
  #kept: HeldCommand | undefined;

  /**
   * For a dry run a warning is enough.
   *
   * @throws BusyError `postfix-running`
   */
  constructor(question: StoppedQuestion) {
    this.#question = question;
    refuseRunning(question);
  }

  /**
   * To be called directly before a change. Where Postfix's lock can't be had, it is asked once more whether it runs. Once the
   * directory of the lock is mended, it may be had. For a dry run nothing is done.
   * (repair-start.test.ts, "the directory of the lock")
   *
   * @throws BusyError `postfix-running`
   */
  async keepOff(): Promise<void> {
    if (this.#question.options.dryRun === true) {
      return;
    }
    if (this.#kept === undefined && isRoot()) {
      this.#kept = await keepPostfixOff(this.#question.configuration.queueDirectory);
    }
    if (this.#kept === undefined) {
      refuseRunning(this.#question);
    }
  }

  /** For the last call of {@link keepOff}. */
  warnIfUnlocked(): void {
    const { options, control } = this.#question;
    if (this.#kept === undefined && options.dryRun !== true) {
      control.onEvent?.({ kind: 'warning', message: UNLOCKED });
    }
  }

  async letGo(): Promise<void> {
    await this.#kept?.release();
  }
}

function refuseRunning({ options: { queueDirectory: named, dryRun }, configuration, control }: StoppedQuestion): void {
  const { queueDirectory, configDirectory } = configuration;
  const question = { queueDirectory, configDirectory: named === undefined ? configDirectory : undefined };
  const running = isPostfixRunning(question)?.running;
  if (running === false) {
    return;
  }
  const what = running === undefined ? "it can't be told whether Postfix works on" : 'Postfix works on';
  if (dryRun === true) {
    const message = `${what} ${queueDirectory}: what it moves meanwhile may be told wrongly`;
    control.onEvent?.({ kind: 'warning', message });
    return;
  }
  throw new BusyError('postfix-running', `${what} ${queueDirectory}`, {
    path: queueDirectory,
    nextStep: 'Stop Postfix, repair, and start it again.',
  });
}
