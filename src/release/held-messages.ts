/** What is on hold, in the words of postqueue(1), which asks showq(8): no queue file is opened here. */

import { OperatorError } from '../errors.ts';
import { recordIn } from '../format/json-member.ts';
import { CommandFailure, commandLines } from '../fs/command-lines.ts';
import { isPlainObject } from '../plain-object.ts';
import type { SelectableMessage } from '../plan/criteria.ts';
import { parseQueueId } from '../queue/queue-id.ts';

/** The arguments that name the instance. */
export function instanceArguments(configDirectory: string | undefined): string[] {
  return configDirectory === undefined ? [] : ['-c', configDirectory];
}

/** @throws OperatorError `unavailable`: postqueue is not installed, or can't list the queue */
export async function* heldMessages(configDirectory: string | undefined): AsyncGenerator<SelectableMessage> {
  try {
    for await (const line of commandLines('postqueue', [...instanceArguments(configDirectory), '-j'])) {
      const message = heldMessage(line);
      if (message !== undefined) {
        yield message;
      }
    }
  } catch (error) {
    if (error instanceof CommandFailure) {
      throw new OperatorError('unavailable', error.message, {
        ...(error.isInstalled
          ? { remedy: 'mend-listing' }
          : { nextStep: 'Held mail is released by Postfix, which must be installed.' }),
        cause: error,
      });
    }
    throw error;
  }
}

/** Undefined where it is not on hold, or no message. */
export function heldMessage(line: string): SelectableMessage | undefined {
  const value = recordIn(line);
  if (value?.['queue_name'] !== 'hold') {
    return undefined;
  }
  const { queue_id, arrival_time, message_size, sender, recipients } = value;
  if (typeof queue_id !== 'string' || parseQueueId(queue_id) === undefined || typeof sender !== 'string') {
    return undefined;
  }
  if (typeof arrival_time !== 'number' || typeof message_size !== 'number' || !Array.isArray(recipients)) {
    return undefined;
  }
  const known = { queue_name: 'hold', queue_id, arrival_time, message_size, sender } as const;
  return { ...known, recipients: recipients.flatMap(recipientOf) };
}

function recipientOf(value: unknown): SelectableMessage['recipients'][number][] {
  if (!isPlainObject(value) || typeof value['address'] !== 'string') {
    return [];
  }
  const { address, delay_reason, bounce_reason } = value;
  return [
    {
      address,
      ...(typeof delay_reason === 'string' ? { delay_reason } : {}),
      ...(typeof bounce_reason === 'string' ? { bounce_reason } : {}),
    },
  ];
}
