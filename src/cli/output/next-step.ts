/** What an administrator can do about an error, where it takes a command or an option. Only the command line knows these. */

import type { PostsnapError, Remedy } from '../../errors.ts';
import { operands, shellLine } from './shell-words.ts';

/** What is known of the error and of the command that failed. */
interface Failure {
  /** The file that it is about, if it has a name. */
  readonly path: string | undefined;
  /** The options that name the queue. */
  readonly installation: readonly string[];
}

/** What a shell writes for <(…): it is gone when the command ends, and can't be typed again. */
const OPEN_DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\//u;

/** Capitals stand for what only the administrator knows; as the name of a new archive, they will do. */
const BY_REMEDY: Readonly<Record<Remedy, (failure: Failure) => string>> = {
  salvage: ({ path, installation }) =>
    path === undefined || OPEN_DESCRIPTOR.test(path)
      ? 'Use another archive, or restore what is intact with restore --salvage.'
      : `Use another archive, or see what is intact in this one: \`${shellLine(['postsnap', 'restore', '--salvage', '--dry-run', ...installation, ...operands([path])])}\``,
  'name-queue': () => 'Install Postfix, or name the queue with --queue-directory and no configuration directory.',
  'name-other-queue': () => 'Name the directory with --queue-directory, or the configuration with -c.',
  'choose-directory': () => 'Choose one of them with --directory, and make an archive of each.',
  'tar-again': () =>
    'Make the tar again; or unpack what can be read of it with tar into an empty directory, and back that up: `postsnap backup --queue-directory DIRECTORY ARCHIVE`',
  'back-up-directory': ({ path }) =>
    path === undefined
      ? 'If it is a queue directory, back it up: `postsnap backup --queue-directory DIRECTORY ARCHIVE`'
      : `If it is a queue directory, back it up: \`postsnap backup ${shellLine(['--queue-directory', path])} ARCHIVE\``,
  'import-tar': ({ path }) =>
    `If it is a tar of a Postfix queue, make an archive of it: \`postsnap import ${shellLine(operands([path ?? '-']))} ARCHIVE\``,
  decrypt: ({ path }) =>
    path === undefined
      ? 'Decrypt it on the way: age -d FILE | postsnap verify -'
      : `Decrypt it on the way, and name it -, as here: \`age -d ${shellLine(operands([path]))} | postsnap verify -\``,
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
  { nextStep, remedy, code, path }: PostsnapError,
  installation: readonly string[] = [],
): string | undefined {
  return nextStep ?? (remedy === undefined ? byCode(code, installation) : BY_REMEDY[remedy]({ path, installation }));
}
