/** Where a message stands in a queue directory. */

import type { MessageQueueName } from './queue-name.ts';

export interface Place {
  readonly queueName: MessageQueueName;
  readonly queueId: string;
}
