/** What a repair finds wrong, and what it does about it. */

import type { QueueName } from '../queue/queue-name.ts';

/** The parts of a repair, which may be asked for alone. */
export type RepairPart = 'directories' | 'owners' | 'modes' | 'names' | 'logs' | 'corrupt' | 'staging';

/** What is wrong. */
export type FindingCode =
  | 'missing-directory'
  | 'directory-rights'
  | 'unlistable-directory'
  | 'stray-directory'
  | 'owner'
  | 'not-ready'
  | 'stray-expiry'
  | 'mode'
  | 'unfinished-message'
  | 'corrupt-mark'
  | 'name-inode'
  | 'two-queues'
  | 'unfinished-rename'
  | 'long-id'
  | 'hash-directory'
  | 'second-name'
  | 'no-queue-file'
  | 'malformed'
  | 'unreadable'
  | 'log-name'
  | 'log-conflict'
  | 'orphan-log'
  | 'staging'
  /** Of a repair that was cut off. */
  | 'waiting'
  | 'gone';

/** Which part of a repair a finding belongs to. */
export const PART_OF: Readonly<Record<FindingCode, RepairPart>> = {
  'missing-directory': 'directories',
  'directory-rights': 'directories',
  'unlistable-directory': 'directories',
  'stray-directory': 'directories',
  owner: 'owners',
  'not-ready': 'modes',
  'stray-expiry': 'modes',
  mode: 'modes',
  'unfinished-message': 'modes',
  'corrupt-mark': 'modes',
  'name-inode': 'names',
  'two-queues': 'names',
  'unfinished-rename': 'names',
  'long-id': 'names',
  'hash-directory': 'names',
  'second-name': 'names',
  'no-queue-file': 'names',
  malformed: 'corrupt',
  unreadable: 'corrupt',
  'log-name': 'logs',
  'log-conflict': 'logs',
  'orphan-log': 'logs',
  staging: 'staging',
  waiting: 'names',
  gone: 'names',
};

/** All parts, in the order in which they are done. */
export const REPAIR_PARTS: readonly RepairPart[] = [
  'directories',
  'owners',
  'modes',
  'names',
  'logs',
  'corrupt',
  'staging',
];

/** What is done about it. */
export type RepairAction =
  /** Made as `postfix check` makes it. */
  | 'make'
  | 'chown'
  | 'chmod'
  /** It gets another name, with its logs, or another place. */
  | 'rename'
  /** It goes to corrupt. */
  | 'set-aside'
  | 'remove'
  /** It is left alone: nobody can tell what it is to be. */
  | 'none';

export interface Finding {
  readonly code: FindingCode;
  readonly action: RepairAction;
  /** Below the queue directory; empty: the queue directory itself. */
  readonly path: string;
  readonly queueName: QueueName | null;
  readonly queueId: string | null;
  readonly newQueueName: QueueName | null;
  readonly newQueueId: string | null;
  /** The facts, in words. */
  readonly detail: string;
}
