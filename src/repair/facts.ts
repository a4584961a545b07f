/** What stands in a queue directory, as a repair sees it: plain facts, without a judgement. */

import type { FileStatus } from '../fs/file-system.ts';
import { parseQueueId, type QueueId, UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { MESSAGE_QUEUES, type MessageQueueName, type QueueName } from '../queue/queue-name.ts';
import type { RecordFault } from '../record/record-fault.ts';

/** What the bytes of a message's file say. */
export type Content =
  /** Postfix would take it. */
  | { readonly kind: 'sound' }
  /** Postfix would delete it, or call it corrupt. */
  | { readonly kind: 'faulty'; readonly faults: readonly RecordFault[] }
  /** It can't be read, for now. */
  | { readonly kind: 'unread'; readonly reason: string };

type Told = 'type' | 'inode' | 'mode' | 'uid' | 'gid' | 'size' | 'links' | 'mtimeNs';

/** A name in a queue that is no hash directory. */
export interface SeenFile {
  /** Below the queue directory. */
  readonly path: string;
  readonly queueName: QueueName;
  /** The queue ID that the name says; undefined where it is none. */
  readonly id: QueueId | undefined;
  /** An interrupted `postsuper -s` has left the name. */
  readonly isUnfinished: boolean;
  readonly status: Pick<FileStatus, Told>;
  /** Of a directory: how many names are in it, unless nobody could look. */
  readonly names?: number | undefined;
  /** Of the messages in queues that Postfix takes mail from. */
  readonly content: Content | undefined;
}

/** A name in a queue of which nothing else is known. */
export interface UnseenFile {
  readonly path: string;
  readonly queueName: QueueName;
  readonly reason: string;
}

/** A directory: one of the queue directory's own, or a hash directory. */
export interface SeenDirectory {
  /** Below the queue directory; empty: the queue directory itself. */
  readonly path: string;
  /** Undefined: it is not there. */
  readonly status: Pick<FileStatus, 'type' | 'uid' | 'gid' | 'mode'> | undefined;
  /** Why its names can't be listed. */
  readonly fault?: string;
}

export interface QueueFacts {
  /** Whether something could not be looked at, where messages may stand: nothing is concluded from what was not seen. */
  readonly isPartial: boolean;
  readonly directories: readonly SeenDirectory[];
  /** Those of which something may be wrong, with all that have the same queue IDs. */
  readonly files: readonly SeenFile[];
  /** How many others there are, and whether a message has an ID among them. */
  readonly plain: { readonly count: number; has(name: string): boolean };
  readonly unseen: readonly UnseenFile[];
  /** Staging directories that no journal speaks of, below the queue directory. */
  readonly leftovers: readonly string[];
}

/** What a name in a queue says. */
export function readName(name: string): Pick<SeenFile, 'id' | 'isUnfinished'> {
  const isUnfinished = name.endsWith(UNFINISHED_RENAME_SUFFIX);
  const id = parseQueueId(isUnfinished ? name.slice(0, -UNFINISHED_RENAME_SUFFIX.length) : name);
  return { id, isUnfinished };
}

/** The queues that Postfix takes mail from. What is in corrupt and saved was put there to stay. */
export function isLive(queueName: QueueName): queueName is MessageQueueName {
  return queueName !== 'corrupt' && queueName !== 'saved' && MESSAGE_QUEUES.some((name) => name === queueName);
}
