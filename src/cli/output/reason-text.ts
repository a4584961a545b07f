/** The words for the codes of a plan: why a message was left out, and what should be known of the others. */

import type { CriterionName } from '../../plan/criteria.ts';
import type { Finding } from '../../plan/finding.ts';
import type { UnfitCause } from '../../plan/maildrop-fitness.ts';
import type { Reason } from '../../plan/reason.ts';
import { localTime } from './local-time.ts';
import { countOf } from './quantity.ts';
import type { QueueCommands } from './queue-commands.ts';
import { printable } from './stderr-line.ts';
import { targetText } from './target-text.ts';

const CRITERIA: Readonly<Record<CriterionName, string>> = {
  ids: 'queue ID',
  queues: 'queue',
  senders: 'sender',
  recipients: 'recipient',
  recipientDomains: 'domain of recipients',
  senderDomains: 'domain of sender',
  reasons: 'reason of delay',
  reasonKinds: 'reason of delay',
  states: 'state',
  older: 'age',
  younger: 'age',
  before: 'arrival',
  since: 'arrival',
  larger: 'size',
  smaller: 'size',
};

const UNFIT: Readonly<
  Record<UnfitCause, { readonly fate: string; readonly parameter: string; readonly measure: string }>
> = {
  'too-big': { fate: 'return', parameter: 'message_size_limit', measure: 'bytes' },
  'long-record': { fate: 'delete', parameter: 'line_length_limit', measure: 'bytes in a record' },
  'many-attributes': { fate: 'delete', parameter: 'queue_file_attribute_count_limit', measure: 'attributes' },
  'many-hops': { fate: 'return', parameter: 'hopcount_limit', measure: 'Received headers' },
};

/** The words for one message, and for several. */
const ONE = { it: 'it', them: 'it', its: 'its', was: 'was', has: 'has', stand: 'stands', message: 'message' } as const;
const SEVERAL: Readonly<Record<keyof typeof ONE, string>> = {
  it: 'they',
  them: 'them',
  its: 'their',
  was: 'were',
  has: 'have',
  stand: 'stand',
  message: 'messages',
};

const IN_PLACE = {
  'too-big-in-place': 'bigger than message_size_limit allows',
  'long-record-in-place': 'with a record longer than line_length_limit',
  'many-attributes-in-place': 'with more attributes than queue_file_attribute_count_limit',
  'many-hops-in-place': 'with too many Received headers for hopcount_limit',
} as const;

/** Why a message was left out, or several were, for people: a sentence that goes on from `left out:`. */
export function reasonText(reason: Reason, commands: QueueCommands, messages = 1): string {
  const { it, them, its, was, has, stand, message } = messages === 1 ? ONE : SEVERAL;
  switch (reason.code) {
    case 'queue-not-named':
      return `${its} queue ${reason.queue} was not named`;
    case 'restored-only-when-named':
      return `the ${reason.queue} queue is restored only when named: --queues ${reason.queue}`;
    case 'unchecked-mail-not-on-hold':
      return `${it} ${was} in maildrop, and unchecked mail must not go on hold: --queues maildrop restores ${them} into maildrop, where pickup takes ${them} at once`;
    case 'criterion-not-met':
      return `${its} ${CRITERIA[reason.criterion]} is not what was asked for`;
    case 'excluded':
      return `${its} ${CRITERIA[reason.criterion]} is excluded`;
    case 'left-source':
      return `${it} left the source queue while the snapshot was taken`;
    case 'successor-in-archive':
      return `${it} went on under another queue ID, which the archive holds as well`;
    case 'twice-in-archive':
      return `the archive holds the same ${message} under another name`;
    case 'in-target':
      return `${it} ${stand} in the target queue already`;
    case 'restored-before':
      return `${it} ${was} restored into this queue before, ${localTime(reason.started)} from ${reason.archive === '-' ? 'standard input' : printable(reason.archive)}`;
    case 'over-since':
      return `by the mail log Postfix delivered, returned or deleted ${them} after the snapshot`;
    case 'requeued-in-target':
      return `by the mail log ${it} ${was} requeued, and ${it} ${stand} in the target queue under another ID`;
    case 'not-placed':
      return `${it} could not be put into the queue, and ${waits(messages)} for \`${commands.postsnap('restore', '--finish')}\`: ${reason.obstacle}`;
    case 'vanished':
      return `${it} ${was} removed from the queue before Postfix could have ${them}: restore ${them} again`;
    case 'vanished-perhaps-delivered':
      return `${it} ${messages === 1 ? 'is' : 'are'} in no queue, and Postfix may have delivered ${them}: look for ${reason.queueId} in its log`;
    case 'interrupted-restore-finished':
      return 'an interrupted restore was finished';
    case 'malformed-records':
      return `Postfix would choke on ${its} records: ${reason.faults.join(', ')}`;
    case 'unfit-for-maildrop': {
      const { fate, parameter, measure } = UNFIT[reason.cause];
      return `Postfix here would ${fate} ${them}: ${it} ${has} ${reason.value} ${measure}, and ${parameter} is ${reason.limit}`;
    }
    case 'content-lost':
      return `${its} content is damaged or missing in the archive`;
  }
}

function waits(messages: number): string {
  return messages === 1 ? 'waits' : 'wait';
}

function lifetimes({
  maximalQueueLifetime,
  bounceQueueLifetime,
}: Extract<Finding, { maximalQueueLifetime: string }>): string {
  const bounces =
    bounceQueueLifetime === maximalQueueLifetime ? '' : ` (for bounces bounce_queue_lifetime, ${bounceQueueLifetime})`;
  return `the maximal_queue_lifetime of ${maximalQueueLifetime}${bounces}`;
}

/** What should be known of the messages of a finding, for people. */
export function findingText(finding: Finding, commands: QueueCommands): string {
  const messages = countOf(finding.messages, 'message');
  switch (finding.code) {
    case 'past-lifetime':
      return `${messages} older than ${lifetimes(finding)}: Postfix tries them once more, and returns what it can't deliver; --into maildrop starts their time anew, --into hold keeps them for review`;
    case 'held-past-lifetime':
      return `${messages} on hold older than ${lifetimes(finding)}: \`${commands.postfix('postsuper', '-r', 'ID')}\` starts the time of one anew; what is released by -H in place of -r, Postfix tries once more, and returns what it can't deliver`;
    case 'forced-expiry':
      return `${messages} expired by postsuper -e or -f: Postfix returns them to their senders without a try; --into maildrop forgets that, --into hold keeps them for review`;
    case 'held-forced-expiry':
      return `${messages} on hold expired by postsuper -e or -f: \`${commands.postfix('postsuper', '-r', 'ID')}\` forgets that of one; what is released by -H in place of -r, Postfix returns to its sender without a try`;
    case 'next-try-far-ahead':
      return `${messages} not to be tried for long, the last of them not before ${localTime(finding.farthest * 1000)}: \`${commands.postfix('postqueue', '-f')}\` has Postfix try all, \`${commands.postfix('postqueue', '-i', 'ID')}\` one; --retry-now restores them with the time of now`;
    case 'bcc-again':
      return `${finding.parameters.join(', ')} will add their recipients again to ${messages} that go through maildrop`;
    case 'content-filter-again':
      return `the content_filter will see ${messages} that go through maildrop, perhaps once more`;
    case 'checks-again':
      return `${finding.parameters.join(', ')} will look at ${messages} once more: what they reject or discard by now is returned or gone`;
    case 'rewriting-again':
      return `${finding.parameters.join(', ')} will rewrite the addresses of ${messages} once more`;
    case 'held-in-place':
      return `${messages} on hold stay on hold, and don't go through maildrop: --release-held sends them through it`;
    case 'notice-in-place':
      return `${messages} for which Postfix owes a notice go back into their queues, not through maildrop, which would lose it`;
    case 'too-big-in-place':
    case 'long-record-in-place':
    case 'many-attributes-in-place':
    case 'many-hops-in-place':
      return `${messages} ${IN_PLACE[finding.code]} (${finding.limit}): they go back into their queues, not through maildrop, where Postfix would delete or return them`;
    case 'no-filter-transport':
    case 'no-pickup':
    case 'foreign-files':
    case 'directory-rights':
    case 'older-postfix':
    case 'other-mail-owner':
    case 'other-hash-directories':
    case 'ids-become-short':
      return targetText(finding, messages, commands);
    case 'maildrop-left-off-hold':
      return `${messages} of maildrop left out: they can't go on hold unchecked. --queues maildrop restores them into maildrop, where pickup takes them at once`;
    case 'maildrop-not-on-hold':
      return `${messages} of maildrop go into maildrop, not on hold: pickup takes them at once`;
    case 'stray-group-execute':
      return `${messages} had group execute in their mode, which postsuper -e did not set (chmod -R does): restored without it, since Postfix would return them to their senders at once`;
    case 'mode-lost':
      return `${messages} had lost the mode of a finished queue file, and Postfix passed over them: restored with the right one, and delivered`;
    case 'requiretls-unknown':
      return `${messages} whose sender demands TLS (REQUIRETLS), which Postfix ${finding.release} does not know: it sends them without, unless its own settings demand it; --into hold keeps them for review`;
    case 'tls-required-no-unknown':
      return `${messages} with "TLS-Required: no", which Postfix ${finding.release} does not know: it asks for as much TLS as its own settings do`;
    case 'delivered-in-part':
      return `${messages} that some recipients have by the mail log: restored for the others`;
    case 'log-in-doubt':
      return `${messages} of whose queue IDs the mail log tells what does not fit them: restored, and perhaps delivered twice`;
    case 'smtputf8-forgotten':
      return `${messages} for which SMTPUTF8 was asked: in maildrop, Postfix ${finding.release} forgets that, and finds it out again only where smtputf8_autodetect_classes has sendmail or all`;
  }
}
