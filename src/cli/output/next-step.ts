/** What an administrator can do about an error, where it takes a command or an option. Only the command line knows these. */

import type { PostsnapError, Remedy } from '../../errors.ts';
import { shellLine } from './shell-words.ts';

const BY_REMEDY: Readonly<Record<Remedy, string>> = {
  salvage: 'Use another archive, or restore what is intact with restore --salvage.',
  'name-queue': 'Install Postfix, or name the queue with --queue-directory and no configuration directory.',
  'name-other-queue': 'Name the directory with --queue-directory, or the configuration with -c.',
  'choose-directory': 'Choose one of them with --directory, and make an archive of each.',
  'tar-again':
    'Make the tar again; or unpack what can be read of it with tar into an empty directory, and back that up: postsnap backup --queue-directory DIRECTORY ARCHIVE',
  'back-up-directory': 'If it is a queue directory, back it up: postsnap backup --queue-directory DIRECTORY ARCHIVE',
};

function byCode(code: string, installation: readonly string[]): string | undefined {
  const command = (...words: string[]) => shellLine(['postsnap', ...words, ...installation]);
  return code === 'restore-unfinished'
    ? `Finish it with \`${command('restore', '--finish')}\`, or give it up with \`${command('restore', '--abandon')}\`; \`${command('status')}\` tells more.`
    : undefined;
}

/**
 * The next step in one sentence, if there is one.
 *
 * @param installation the options that name the queue, for commands that are to be typed
 */
export function nextStepOf(
  { nextStep, remedy, code }: PostsnapError,
  installation: readonly string[] = [],
): string | undefined {
  return nextStep ?? (remedy === undefined ? byCode(code, installation) : BY_REMEDY[remedy]);
}
