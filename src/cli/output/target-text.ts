/** The words for what the target of a restore has not that the source had, or has otherwise. */

import type { Finding } from '../../plan/finding.ts';
import { type DirectoryFault, ITSELF } from '../../queue/directory-fault.ts';
import { countOf } from './quantity.ts';
import type { QueueCommands } from './queue-commands.ts';
import { printable } from './stderr-line.ts';

type TargetFinding = Extract<
  Finding,
  {
    code:
      | 'no-filter-transport'
      | 'no-pickup'
      | 'foreign-files'
      | 'directory-rights'
      | 'older-postfix'
      | 'other-mail-owner'
      | 'other-hash-directories'
      | 'ids-become-short';
  }
>;

/** @param messages `2 messages` */
export function targetText(finding: TargetFinding, messages: string, commands: QueueCommands): string {
  switch (finding.code) {
    case 'no-filter-transport':
      return `${messages} that name a content filter whose transport master.cf here does not have: Postfix keeps them until they expire; define it, or restore them with --into maildrop, which takes the filter of this Postfix`;
    case 'no-pickup':
      return `${messages} go into maildrop, and master.cf here has no pickup: they stay there until it has one`;
    case 'foreign-files':
      return `${countOf(finding.files, 'message')} of the target not mail_owner's (${placesText(finding)}): the queue manager stops at such a file, and with it all mail; \`${commands.postsnap('repair')}\` gives them back, with Postfix stopped`;
    case 'directory-rights':
      return `the target has directories that are not as Postfix needs them: ${directoriesText(finding)}; \`${commands.postsnap('repair')}\` mends them, with Postfix stopped`;
    case 'older-postfix':
      return `${messages} of Postfix ${finding.source} go to Postfix ${finding.target}, which is older: what it does not know of them is named by itself`;
    case 'other-mail-owner':
      return `${messages} were ${finding.source}'s, and become ${finding.target}'s, who is mail_owner here`;
    case 'other-hash-directories':
      return `${finding.parameters.join(' and ')} differ from the source's: ${messages} go where this Postfix looks for them`;
    case 'ids-become-short':
      return `${messages} with long queue IDs get short ones: enable_long_queue_ids is no here`;
  }
}

function placesText({ files, first }: Extract<Finding, { code: 'foreign-files' }>): string {
  const places = first.map(({ queueName, queueId }) => `${queueName}/${queueId}`).join(', ');
  return files > first.length ? `${places} and others` : places;
}

function directoriesText({ faults, first }: Extract<Finding, { code: 'directory-rights' }>): string {
  const texts = first.map(directoryText).join(', ');
  return faults > first.length ? `${texts}, and others` : texts;
}

function directoryText({ directory, kind, is, wanted }: DirectoryFault): string {
  const name = directory === ITSELF ? 'the queue directory' : printable(directory);
  switch (kind) {
    case 'owner':
      return `${name} is uid ${is}'s, not ${wanted}'s`;
    case 'group':
      return `${name} is gid ${is}'s, not ${wanted}'s`;
    case 'writable':
      return `${name} may be changed by others (mode 0${is.toString(8)}, not 0${wanted.toString(8)})`;
    case 'closed':
      return `${name} is closed (mode 0${is.toString(8)}, not 0${wanted.toString(8)})`;
  }
}
