/** The lines on stderr: warnings, errors and remarks, as Postfix writes them. */

import { errnoText } from '../../fs/errno-text.ts';
import { errnoOf } from '../../fs/system-error.ts';
import { isForeseen } from '../process/exit-status.ts';
import { nextStepOf, withNextStep } from './next-step.ts';
import { QueueCommands } from './queue-commands.ts';

/** Postfix's manner of speaking: the program, the severity, what failed and on which path, then what to do. */
type Severity = 'warning' | 'fatal';

const PROGRAM = 'postsnap';

/** One line for stderr, with the newline. */
export function severityLine(severity: Severity, text: string): string {
  return `${PROGRAM}: ${severity}: ${printable(text)}\n`;
}

/** A remark that is neither warning nor error. */
export function remarkLine(text: string): string {
  return `${PROGRAM}: ${printable(text)}\n`;
}

/**
 * What is written on stderr for an error that ended the command: one line, for a bug with its stack.
 *
 * @param commands those that are to be typed
 */
export function fatalText(error: unknown, commands = new QueueCommands()): string {
  if (isForeseen(error)) {
    const { message, path } = error;
    const failure = path === undefined || message.includes(path) ? message : `${path}: ${message}`;
    return severityLine('fatal', withNextStep(failure, nextStepOf(error, commands)));
  }
  const errno = errnoOf(error);
  if (error instanceof Error && errno !== undefined) {
    return severityLine('fatal', refusedCall(error, errno));
  }
  const description = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const stack = description.split('\n').map((line) => `  ${printable(line)}\n`);
  return (
    severityLine('fatal', 'this is a bug in postsnap: please report it, with these lines and the command') +
    stack.join('')
  );
}

/** A call that nobody put into words: Node's own words begin with the errno. */
function refusedCall(error: Error, errno: string): string {
  const call = 'syscall' in error ? [String(error.syscall)] : [];
  const path = 'path' in error && typeof error.path === 'string' ? [error.path] : [];
  const where = [...call, ...path].join(' ');
  return `a call of the system failed${where === '' ? '' : ` (${where})`}: ${errnoText(errno)}`;
}

const ONLY_PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Control characters are shown as `?`, as printable(3) of Postfix does, and so is what breaks a line or turns the direction
 * of writing: names and reasons come from an archive or from mail, and must not reach a terminal as they are.
 */
export function printable(text: string): string {
  return ONLY_PRINTABLE_ASCII.test(text) ? text : text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?');
}
