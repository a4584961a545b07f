import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const MESSAGE_QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved'];
const LOG_QUEUES = ['defer', 'bounce', 'trace'];

export function scratchDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'postsnap-cli-'));
}

/** The options that make a queue directory usable by whoever runs the tests, with Postfix installed or not. */
export function queueOptions(directory: string): string[] {
  const parameters = [
    `mail_owner=${userInfo().username}`,
    'hash_queue_names=deferred, defer',
    'hash_queue_depth=1',
    'enable_long_queue_ids=no',
    // The sample grows old, and a restore warns of what will expire.
    'maximal_queue_lifetime=36500d',
  ];
  return ['--queue-directory', directory, ...parameters.flatMap((parameter) => ['-o', parameter])];
}

/** A queue directory without mail. */
export function makeEmptyQueue(directory: string): string {
  for (const queue of [...MESSAGE_QUEUES, ...LOG_QUEUES]) {
    mkdirSync(join(directory, queue), { recursive: true, mode: 0o700 });
  }
  return directory;
}

/** The sample queue, with the modes and times that git does not keep. */
export function makeSampleQueue(directory: string): string {
  cpSync(join(FIXTURES, 'sample-queue'), directory, { recursive: true });
  makeEmptyQueue(directory);
  const { files } = JSON.parse(readFileSync(join(FIXTURES, 'sample-queue.json'), 'utf8')) as {
    files: Record<string, { mode: string; mtime: string }>;
  };
  for (const [name, { mode, mtime }] of Object.entries(files)) {
    chmodSync(join(directory, name), Number.parseInt(mode, 8));
    utimesSync(join(directory, name), Number(mtime), Number(mtime));
  }
  return directory;
}

export interface QueueFile {
  readonly queueName: string;
  readonly queueId: string;
  readonly path: string;
}

function filesIn(directory: string, queues: readonly string[]): QueueFile[] {
  return queues.flatMap((queueName) =>
    readdirSync(join(directory, queueName), { recursive: true })
      .map((name) => ({ name: String(name), path: join(directory, queueName, String(name)) }))
      // Where Postfix runs a file may be gone meanwhile.
      .filter(({ path }) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      .map(({ name, path }) => ({ queueName, queueId: name.split('/').at(-1) ?? '', path })),
  );
}

/** The messages in a queue directory. */
export function messagesIn(directory: string): QueueFile[] {
  return filesIn(directory, MESSAGE_QUEUES);
}

/** The logs in a queue directory. */
export function logsIn(directory: string): QueueFile[] {
  return filesIn(directory, LOG_QUEUES);
}
