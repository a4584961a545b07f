/** Which options stand on the command line, whatever their values. */

import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';

/**
 * Refuses what has no meaning beside the rest of the command line.
 *
 * @param besides the names of the options that have one
 * @param reason why the others have none
 * @throws OperatorError `usage`
 */
export function refuseOtherOptions(
  command: CommandUnknownOpts,
  { besides, reason }: { readonly besides: readonly string[]; readonly reason: string },
): void {
  const other = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' && !besides.includes(option.attributeName()),
  );
  if (other !== undefined) {
    throw new OperatorError('usage', `${other.long ?? other.flags} means nothing here: ${reason}`);
  }
}
