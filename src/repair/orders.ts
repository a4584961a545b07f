/** What a repair is to do with single files. */

import type { MessageQueueName } from '../queue/queue-name.ts';
import type { SeenFile } from './facts.ts';

/** A file whose owner or mode is to be changed. */
export interface RightsOrder {
  readonly file: SeenFile;
  readonly uid: number;
  readonly mode: number;
}

/** A message that is to have another name, or to go to corrupt, with its logs. */
export interface NameOrder {
  readonly file: SeenFile;
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  readonly logs: readonly SeenFile[];
  /** Why, in words. */
  readonly reason: string;
}

/** A log that is to stand where Postfix looks for it. */
export interface LogOrder {
  readonly file: SeenFile;
  readonly queueId: string;
}
