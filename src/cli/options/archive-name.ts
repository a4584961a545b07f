import { OperatorError } from '../../errors.ts';
import { printable } from '../output/stderr-line.ts';
import type { Session } from '../process/command-run.ts';

/** How messages to people name the archive: `-` is what they gave, but not what they mean. Fit for a terminal. */
export function archiveName(archive: string, stream: 'stdin' | 'stdout'): string {
  return archive === '-' ? stream : printable(archive);
}

/**
 * Nobody types an archive, and none does a screen any good.
 *
 * @throws {OperatorError} code `usage`
 */
export function refuseTerminal(archive: string, stream: 'stdin' | 'stdout', session: Session): void {
  if (archive === '-' && session.isTerminal(stream)) {
    const [verb, nextStep] =
      stream === 'stdin'
        ? ['read from', 'Name its file, or pipe it in.']
        : ['written to', 'Name a file, or a pipe to take it.'];
    throw new OperatorError('usage', `an archive can't be ${verb} a terminal`, { nextStep });
  }
}
