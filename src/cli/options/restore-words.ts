/** The restore that a dry run tells of, as a command to be typed. */

import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { isPipe } from '../../fs/pipe.ts';
import type { SelectionOptions } from '../../plan/criteria.ts';
import type { Session } from '../process/session.ts';
import { commandWords } from './command-words.ts';

/** What was read of the command line. */
export interface ReadRestore {
  readonly selection: SelectionOptions;
  /** The snapshot that was found, where one was asked for in a store: `latest` may be another one soon. */
  readonly snapshot: string | undefined;
}

export interface RestoreWords {
  readonly words: readonly string[];
  /** Whether it reads what the dry run read from standard input. */
  readonly needsInput: boolean;
}

/** What is told on the way, and what makes it a dry run. */
const LEFT_OUT = ['dryRun', 'quick', 'json', 'quiet', 'verbose', 'progress'];
const STANDARD_INPUT = '-';
/** More queue IDs are not put on a command line. */
const IDS_MAXIMUM = 100;

/** The words of the command: all that was given, but for what makes it a dry run. */
export function restoreWords(
  command: CommandUnknownOpts,
  { argv, environment }: Pick<Session, 'argv' | 'environment'>,
  { selection, snapshot }: ReadRestore,
): RestoreWords {
  let needsInput = false;
  let isArchiveNext = snapshot === undefined;
  const stdinOf = (ids: readonly string[] | undefined): readonly string[] => {
    if (ids !== undefined && ids.length > 0 && ids.length <= IDS_MAXIMUM) {
      return ids;
    }
    needsInput = true;
    return [STANDARD_INPUT];
  };
  const replaced = (name: string, value: string): readonly string[] => {
    const isArchive = name === '' && isArchiveNext;
    isArchiveNext &&= name !== '';
    if (name === 'snapshot' && snapshot !== undefined) {
      return [snapshot];
    }
    if (isArchive && isPipe(value)) {
      // Nobody can read it a second time.
      return stdinOf(undefined);
    }
    if (value !== STANDARD_INPUT || name === 'map' || name === 'instance') {
      return [value];
    }
    if (name === 'excludeId') {
      return stdinOf(selection.exclude?.ids);
    }
    return name === 'id' || (name === '' && !isArchive) ? stdinOf(selection.only?.ids) : stdinOf(undefined);
  };
  const words = commandWords(command, argv, { without: LEFT_OUT, replace: replaced });
  const mailConfig = environment['MAIL_CONFIG'] ?? '';
  const isNamed = mailConfig === '' || command.getOptionValueSource('configDir') === 'cli';
  return { words: ['postsnap', 'restore', ...(isNamed ? [] : ['-c', mailConfig]), ...words], needsInput };
}
