/** What a restore is asked for that makes no sense together. */

import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import type { SelectionOptions } from '../../plan/criteria.ts';
import type { RestoreRoute } from '../../plan/destination.ts';
import type { Session } from '../process/session.ts';

/** The name of a map that stands for standard output. */
export const MAP_ON_STDOUT = '-';

/** The options that can contradict each other. */
export interface GivenToRestore {
  readonly into: RestoreRoute;
  readonly dryRun?: true;
  readonly quick?: true;
  readonly includeLeft?: true;
  readonly releaseHeld?: true;
  readonly salvage?: true;
  readonly json?: true;
  readonly map?: string;
}

/** @throws OperatorError `usage`: an option would be of no use */
export function refuseContradictions(
  { releaseHeld, into, map, json, quick, dryRun, salvage }: GivenToRestore,
  { commands }: Pick<Session, 'commands'>,
): void {
  if (quick === true && dryRun !== true) {
    throw new OperatorError('usage', '--quick means nothing without --dry-run', {
      nextStep: 'What is restored is always proven first.',
    });
  }
  if (quick === true && salvage === true) {
    throw new OperatorError('usage', '--quick and --salvage contradict each other: to salvage is to read all of it');
  }
  if (releaseHeld === true && into !== 'maildrop') {
    throw new OperatorError('usage', '--release-held means nothing without --into maildrop', {
      nextStep:
        into === 'queues'
          ? `Held mail stays on hold. \`${commands.release()}\` releases it afterwards.`
          : 'Leave it out.',
    });
  }
  if (map === MAP_ON_STDOUT && json === true) {
    throw new OperatorError('usage', "--json can't be had when the map goes to stdout", {
      nextStep: 'Name a file for the map.',
    });
  }
}

/**
 * Returns whether standard input is one of them.
 *
 * @throws OperatorError: it is several
 */
export function refuseSharedInput(files: readonly ArchiveLocation[]): boolean {
  const streams = files.filter(({ kind }) => kind === 'stream');
  if (streams.length > 1) {
    throw new OperatorError('usage', 'standard input can be the archive or one mail log, not both', {
      nextStep: 'Name files for the others.',
    });
  }
  return streams.length > 0;
}

/** What left the source is never restored unless that is asked for by its own name. */
export function refuseLeftAlone(selection: SelectionOptions, { includeLeft }: GivenToRestore): void {
  const states = selection.only?.states;
  if (states !== undefined && !states.includes('queued') && includeLeft !== true) {
    throw new OperatorError('usage', '--state left restores nothing without --include-left');
  }
}
