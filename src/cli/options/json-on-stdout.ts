/** The rule that stdout carries an archive or JSON, not both. */

import { OperatorError } from '../../errors.ts';
import type { CommonOptions } from './common-options.ts';

/**
 * stdout can carry an archive or JSON, not both.
 *
 * @throws OperatorError `usage`
 */
export function refuseJsonOnStdout({ json }: Pick<CommonOptions, 'json'>): void {
  if (json === true) {
    throw new OperatorError('usage', "--json can't be had when the archive goes to stdout", {
      nextStep: 'Name a file for the archive, or leave --json out.',
    });
  }
}
