/** What an administrator can do about an error, where it takes a command or an option. Only the command line knows these. */

import type { PostsnapError, Remedy } from '../../errors.ts';
import { QueueCommands } from './queue-commands.ts';
import { operands, shellLine } from './shell-words.ts';

/** What is known of the error and of the command that failed. */
interface Failure {
  /** The file that it is about, if it has a name. */
  readonly path: string | undefined;
  readonly commands: QueueCommands;
}

/** What a shell writes for <(…): it is gone when the command ends, and can't be typed again. */
const OPEN_DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\//u;

/** Capitals stand for what only the administrator knows; as the name of a new archive, they will do. */
const BY_REMEDY: Readonly<Record<Remedy, (failure: Failure) => string>> = {
  salvage: ({ path, commands }) =>
    path === undefined || OPEN_DESCRIPTOR.test(path)
      ? 'Use another archive, or restore what is intact with restore --salvage.'
      : `Use another archive, or see what is intact in this one: \`${commands.postsnap('restore', '--salvage', '--dry-run')} ${shellLine(operands([path]))}\``,
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
  'list-snapshots': ({ path }) =>
    `\`${shellLine(['postsnap', 'snapshots', ...(path === undefined ? [] : ['--store', path])])}\` shows what is there; --snapshot names one of them, or the latest.`,
  'make-queues': ({ commands }) => `Have Postfix make what is missing: ${makeQueues(commands)}`,
  'name-or-make-queue': ({ commands }) =>
    `Name the queue directory of a Postfix. If this is to be one, have Postfix make its directories: ${makeQueues(commands)}`,
  'give-to-mail-owner': ({ commands }) =>
    `Make its directories mail_owner's: \`${commands.postfix('postfix', 'set-permissions')}\`, or chown. Root could be led elsewhere.`,
  'mend-listing': ({ commands }) => `Mend that: \`${commands.postfix('postqueue', '-j')}\` must list the queue.`,
  'mend-configuration': ({ commands }) =>
    `Mend it until \`${commands.postfix('postconf', '-x', 'queue_directory')}\` succeeds, or name the queue directory: postsnap then goes by what it finds there.`,
};

/** Postfix makes them at its start, and with this command. */
function makeQueues(commands: QueueCommands): string {
  return `\`${commands.postfix('postfix', 'check')}\``;
}

function byCode(code: string, commands: QueueCommands): string | undefined {
  return code === 'restore-unfinished'
    ? `Finish it with \`${commands.postsnap('restore', '--finish')}\`, or give it up with \`${commands.postsnap('restore', '--abandon')}\`; \`${commands.postsnap('status')}\` tells more.`
    : undefined;
}

/**
 * The next step in one sentence, if there is one.
 *
 * @param commands those that are to be typed
 */
export function nextStepOf(
  { nextStep, remedy, code, path }: PostsnapError,
  commands = new QueueCommands(),
): string | undefined {
  return nextStep ?? (remedy === undefined ? byCode(code, commands) : BY_REMEDY[remedy]({ path, commands }));
}

/** What failed, and then what to do. */
export function withNextStep(failure: string, nextStep = ''): string {
  if (nextStep === '') {
    return failure;
  }
  const ended = failure.endsWith('?') ? failure : `${failure.replace(/[.;:]$/u, '')}.`;
  return `${ended} ${nextStep.charAt(0).toUpperCase()}${nextStep.slice(1)}`;
}
