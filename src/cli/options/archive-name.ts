/** ARCHIVE on the command line: the one place that knows that `-` is a stream. */

import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import { bytesBehind, descriptorNamed, isMixedWith, isOpenDescriptor, isPipe } from '../../fs/pipe.ts';
import { printable } from '../output/stderr-line.ts';
import type { Session } from '../process/session.ts';

/** What a command does with an archive: reads it from standard input, or writes it to standard output. */
type Stream = 'stdin' | 'stdout';

const STDIN_NAMES: ReadonlySet<string> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);
const STDOUT_NAMES: ReadonlySet<string> = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

const STDERR_NAMES: ReadonlySet<string> = new Set(['/dev/stderr', '/dev/fd/2', '/proc/self/fd/2']);
const [STDOUT, STDERR] = [1, 2] as const;

/** Reads the name of an archive that is read; `-` is standard input, by whatever name of it; so is a pipe. */
export function parseArchiveName(text: string): ArchiveLocation {
  return STDIN_NAMES.has(text) ? { kind: 'stream' } : { kind: isPipe(text) ? 'pipe' : 'file', path: text };
}

/**
 * Reads the name of an archive that is written; `-` is standard output, by whatever name of it.
 *
 * @throws OperatorError `usage`: messages would stand in the midst of the archive; `output-exists`: it would stand behind other bytes
 */
export function parseNewArchiveName(text: string): ArchiveLocation {
  const isOpen = isPipe(text) || isOpenDescriptor(text);
  if (STDOUT_NAMES.has(text) || (isOpen && isMixedWith(text, STDOUT))) {
    refuseFilled(STDOUT, 'standard output');
    return { kind: 'stream' };
  }
  if (STDERR_NAMES.has(text) || (isOpen && isMixedWith(text, STDERR))) {
    throw new OperatorError('usage', "an archive can't be written to stderr: messages go there", {
      nextStep: 'Name a file, or - for stdout.',
    });
  }
  const fd = descriptorNamed(text);
  if (fd !== undefined) {
    refuseFilled(fd, text);
  }
  return { kind: isOpen ? 'pipe' : 'file', path: text };
}

/** What a shell opens with `>>` may hold bytes already, and nobody reads an archive behind them. */
function refuseFilled(fd: number, name: string): void {
  const count = bytesBehind(fd);
  if (count > 0) {
    throw new OperatorError('output-exists', `${name} is a file that holds ${count} bytes already`, {
      nextStep: 'Send the archive to a file that is empty or new: > in place of >>.',
    });
  }
}

/** How messages to people name the archive: `-` is what they gave, but not what they mean. Fit for a terminal. */
export function archiveName(location: ArchiveLocation, stream: Stream): string {
  return location.kind === 'stream' ? stream : printable(location.path);
}

/**
 * Nobody types an archive, and none does a screen any good.
 *
 * @throws OperatorError `usage`
 */
export function refuseTerminal(location: ArchiveLocation, stream: Stream, session: Session): void {
  if (location.kind === 'stream' && session.isTerminal(stream)) {
    const [verb, nextStep] =
      stream === 'stdin'
        ? ['read from', 'Name its file, or pipe it in.']
        : ['written to', 'Name a file, or a pipe to take it.'];
    throw new OperatorError('usage', `an archive can't be ${verb} a terminal`, { nextStep });
  }
}
