/**
 * Commands that act on the queue of this run, of Postfix and of postsnap, to be typed as they stand. All that are shown
 * are made here: typed without what names the queue, they would act on another instance.
 */

import { resolve } from 'node:path';
import type { CommonOptions } from '../options/common-options.ts';
import { shellLine } from './shell-words.ts';

/** What names the queue, as it was given or set. */
type NamedQueue = Pick<CommonOptions, 'configDir' | 'queueDirectory' | 'option'>;

/** As postqueue(1) calls it: what only the administrator knows. Typed as it stands, it leads nowhere. */
const UNKNOWN_DIRECTORY = 'CONFIG_DIR';

export class QueueCommands {
  /** The options that name the queue. */
  readonly installation: readonly string[];
  /** Whether Postfix's own commands can be led to the queue: they go by main.cf alone. */
  readonly isReached: boolean;
  readonly #configuration: readonly string[];

  /** @param mailConfig `$MAIL_CONFIG`: who types a command later may not have it any more */
  constructor({ configDir, queueDirectory, option = {} }: NamedQueue = {}, mailConfig = '') {
    const directory = configDir ?? (mailConfig === '' ? undefined : mailConfig);
    const configuration = directory === undefined ? [] : ['-c', directory];
    this.installation = [
      ...configuration,
      ...(queueDirectory === undefined ? [] : ['--queue-directory', resolve(queueDirectory)]),
      ...Object.entries(option).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ];
    this.isReached = queueDirectory === undefined && !Object.hasOwn(option, 'queue_directory');
    this.#configuration = this.isReached ? configuration : ['-c', UNKNOWN_DIRECTORY];
  }

  /** `postqueue -c DIR -p` */
  postfix(program: string, ...words: readonly string[]): string {
    return shellLine([program, ...this.#configuration, ...words]);
  }

  /** `postsnap status -c DIR` */
  postsnap(command: string, ...options: readonly string[]): string {
    return shellLine(['postsnap', command, ...options, ...this.installation]);
  }

  /** It goes by main.cf, as postsuper(1) does. */
  release(): string {
    return shellLine(['postsnap', 'release', ...this.#configuration]);
  }
}
