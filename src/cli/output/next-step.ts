/** What an administrator can do about an error, where it takes a command or an option. Only the command line knows these. */

import type { PostsnapError, Remedy } from '../../errors.ts';

const BY_REMEDY: Readonly<Record<Remedy, string>> = {
  salvage: 'Use another archive, or restore what is intact with restore --salvage.',
  'name-queue': 'Install Postfix, or name the queue with --queue-directory and no configuration directory.',
  'name-other-queue': 'Name the directory with --queue-directory, or the configuration with -c.',
  'choose-directory': 'Choose one of them with --directory, and make an archive of each.',
  'tar-again':
    'Make the tar again; or unpack what can be read of it with tar into an empty directory, and back that up: postsnap backup --queue-directory DIRECTORY ARCHIVE',
  'back-up-directory': 'If it is a queue directory, back it up: postsnap backup --queue-directory DIRECTORY ARCHIVE',
};

const BY_CODE: Readonly<Record<string, string>> = {
  'restore-unfinished':
    'Finish it with `postsnap restore --finish`, or give it up with `postsnap restore --abandon`; `postsnap status` tells more.',
};

/** The next step in one sentence, if there is one. */
export function nextStepOf({ nextStep, remedy, code }: PostsnapError): string | undefined {
  return nextStep ?? (remedy === undefined ? BY_CODE[code] : BY_REMEDY[remedy]);
}
