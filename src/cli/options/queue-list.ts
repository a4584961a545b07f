/** The argument of the option `--queues`. */

import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isMessageQueueName, MESSAGE_QUEUES, type MessageQueueName } from '../../queue/queue-name.ts';

/** Reads the argument of `--queues`: queue names with commas or blanks between them. */
export function parseQueueList(text: string): readonly MessageQueueName[] {
  const names = text.split(/[\s,]+/u).filter((name) => name !== '');
  if (names.length === 0) {
    throw new InvalidArgumentError('It names no queue.');
  }
  return [...new Set(names.map(queueName))];
}

function queueName(name: string): MessageQueueName {
  if (!isMessageQueueName(name)) {
    throw new InvalidArgumentError(`There is no message queue '${name}': the queues are ${MESSAGE_QUEUES.join(', ')}.`);
  }
  return name;
}
