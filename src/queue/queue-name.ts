/**
 * The directories of a Postfix queue directory that hold mail, as one table. Authority: mail_queue.h, postsuper(1),
 * conf/postfix-files. `flush` is not among them: it holds site names, and Postfix rebuilds it.
 */

export type MessageQueueName = 'maildrop' | 'incoming' | 'active' | 'deferred' | 'hold' | 'corrupt' | 'saved';
export type LogQueueName = 'defer' | 'bounce' | 'trace';
export type QueueName = MessageQueueName | LogQueueName;

interface Queue<Name extends QueueName, Kind extends 'message' | 'log'> {
  readonly name: Name;
  readonly kind: Kind;
  /** Whether hash_queue_names may name it. Of maildrop Postfix says "queue must not be hashed". */
  readonly hashable: boolean;
  /**
   * Whether cleanup(8) has rewritten the content. Every local user can write to maildrop through postdrop(1), and such
   * files "must not be mixed with already sanitized mail" (postsuper.c).
   */
  readonly sanitised: boolean;
  /** Whether Postfix delivers from it. Nothing reads corrupt and saved; hold waits for an administrator. */
  readonly delivered: boolean;
  /** The mode of a complete file, as its writer leaves it. */
  readonly mode: number;
}

export type MessageQueue = Queue<MessageQueueName, 'message'>;
export type LogQueue = Queue<LogQueueName, 'log'>;

const MESSAGE_QUEUE_TABLE: readonly MessageQueue[] = [
  { name: 'maildrop', kind: 'message', hashable: false, sanitised: false, delivered: true, mode: 0o744 },
  { name: 'incoming', kind: 'message', hashable: true, sanitised: true, delivered: true, mode: 0o700 },
  { name: 'active', kind: 'message', hashable: true, sanitised: true, delivered: true, mode: 0o700 },
  { name: 'deferred', kind: 'message', hashable: true, sanitised: true, delivered: true, mode: 0o700 },
  { name: 'hold', kind: 'message', hashable: true, sanitised: true, delivered: false, mode: 0o700 },
  { name: 'corrupt', kind: 'message', hashable: true, sanitised: false, delivered: false, mode: 0o400 },
  { name: 'saved', kind: 'message', hashable: true, sanitised: false, delivered: false, mode: 0o700 },
];

const LOG_QUEUE_TABLE: readonly LogQueue[] = [
  { name: 'defer', kind: 'log', hashable: true, sanitised: true, delivered: false, mode: 0o600 },
  { name: 'bounce', kind: 'log', hashable: true, sanitised: true, delivered: false, mode: 0o600 },
  { name: 'trace', kind: 'log', hashable: true, sanitised: true, delivered: false, mode: 0o600 },
];

/** Every queue that postsnap knows, messages first. */
export const QUEUES: readonly (MessageQueue | LogQueue)[] = [...MESSAGE_QUEUE_TABLE, ...LOG_QUEUE_TABLE];

export const MESSAGE_QUEUES: readonly MessageQueueName[] = MESSAGE_QUEUE_TABLE.map((queue) => queue.name);
export const LOG_QUEUES: readonly LogQueueName[] = LOG_QUEUE_TABLE.map((queue) => queue.name);

const QUEUE_BY_NAME: ReadonlyMap<string, MessageQueue | LogQueue> = new Map(QUEUES.map((queue) => [queue.name, queue]));

/** Whether the text names a queue of messages. Queue names are lower case: directory names are. */
export function isMessageQueueName(text: string): text is MessageQueueName {
  return QUEUE_BY_NAME.get(text)?.kind === 'message';
}

/** Whether the text names a queue of defer, bounce or trace logs. */
export function isLogQueueName(text: string): text is LogQueueName {
  return QUEUE_BY_NAME.get(text)?.kind === 'log';
}

/** Whether the text names any queue that postsnap knows. */
export function isQueueName(text: string): text is QueueName {
  return QUEUE_BY_NAME.has(text);
}

/**
 * How a queue directory is known, by queues that nothing else has together (postfix-files). In it Postfix takes each file for
 * mail: `postfix check` complains of it, and `postsuper -s` may move it.
 */
export const QUEUE_DIRECTORY = {
  holds: ['incoming', 'active', 'deferred'],
  what: 'a queue directory, where files are mail',
} as const;
