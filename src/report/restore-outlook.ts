/** What a restore here would do, as a report tells it. */

import type { RestoreRoute } from '../plan/destination.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';

/** What somebody should know before, in words. */
export interface Concern {
  readonly severity: 'problem' | 'warning' | 'info';
  readonly messages: number;
  readonly text: string;
  /** Some of the messages: `deferred/4F1A21B`. */
  readonly examples: readonly string[];
}

export interface RestoreOutlook {
  readonly into: RestoreRoute;
  readonly target: {
    readonly queue_directory: string;
    readonly instance: string;
    readonly mail_version: string;
    /** Null where it can't be told. */
    readonly running: boolean | null;
    readonly messages: number;
  };
  /** Messages that would be restored. */
  readonly restored: number;
  /** Whether all of the archive was read, and not its catalogue alone. */
  readonly proven: boolean;
  readonly routes: readonly {
    readonly from: MessageQueueName;
    readonly to: MessageQueueName;
    readonly messages: number;
    readonly bytes: number;
  }[];
  /** The worst first. */
  readonly concerns: readonly Concern[];
}
