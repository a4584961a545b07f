/** What an administrator should know about a restore, and that does not stop it. */

import type { PostfixConfiguration } from '../postfix/configuration.ts';
import type { Outlook } from './outlook.ts';

/** What Postfix's own settings will do to the messages. */
export function foreseenWarnings(outlook: Outlook, { parameters }: PostfixConfiguration): string[] {
  const warnings: string[] = [];
  if (outlook.expired > 0) {
    warnings.push(
      `${counted(outlook.expired)} older than the maximal_queue_lifetime of ${parameters.maximal_queue_lifetime}: Postfix tries them once more, and returns what it can't deliver; --into hold keeps them for review`,
    );
  }
  warnings.push(...holdWarnings(outlook));
  if (outlook.throughMaildrop > 0) {
    warnings.push(...maildropWarnings(outlook.throughMaildrop, parameters));
  }
  return warnings;
}

/** What was in maildrop is not sanitised, and "must not be mixed with already sanitized mail" (postsuper.c). */
function holdWarnings({ leftOffHold, pickedUpInstead }: Outlook): string[] {
  const warnings: string[] = [];
  if (leftOffHold > 0) {
    warnings.push(
      `${counted(leftOffHold)} of maildrop left out: they can't go on hold unchecked. --queues maildrop restores them into maildrop, where pickup takes them at once`,
    );
  }
  if (pickedUpInstead > 0) {
    warnings.push(`${counted(pickedUpInstead)} of maildrop go into maildrop, not on hold: pickup takes them at once`);
  }
  return warnings;
}

/** cleanup(8) does all its work again on what comes from maildrop. */
function maildropWarnings(messages: number, parameters: PostfixConfiguration['parameters']): string[] {
  const warnings: string[] = [];
  const bcc = (['always_bcc', 'sender_bcc_maps', 'recipient_bcc_maps'] as const).filter(
    (name) => parameters[name] !== '',
  );
  if (bcc.length > 0) {
    warnings.push(`${bcc.join(', ')} will add their recipients again to ${counted(messages)} that go through maildrop`);
  }
  if (parameters.content_filter !== '') {
    warnings.push(`the content_filter will see ${counted(messages)} that go through maildrop, perhaps once more`);
  }
  return warnings;
}

function counted(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}
