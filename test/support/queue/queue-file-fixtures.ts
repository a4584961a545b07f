import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogQueueName, MessageQueueName } from '../../../src/queue/queue-name.ts';

const DIRECTORY = join(import.meta.dirname, '../../../fixtures/queue-files');

interface StoredFile {
  readonly file: string;
  readonly path: string;
  readonly inode: string;
  readonly mode: string;
  readonly size: number;
}

/** An object of `postqueue -j`. */
export interface ListedMessage {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly arrival_time: number;
  readonly message_size: number;
  readonly forced_expire: boolean;
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly delay_reason?: string }[];
}

export interface QueueFileFixture {
  readonly name: string;
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  readonly queue_file: StoredFile;
  readonly logs: Partial<Record<LogQueueName, StoredFile>>;
  readonly postcat: { readonly '-hb'?: string; readonly '-odv'?: string };
  readonly postqueue: ListedMessage | null;
}

/** The queue files that a real Postfix wrote, as the manifest describes them. */
export function queueFileFixtures(): readonly QueueFileFixture[] {
  const manifest: { readonly messages: readonly QueueFileFixture[] } = JSON.parse(
    readFixture('manifest.json').toString(),
  );
  return manifest.messages;
}

/** One of them by its name. */
export function queueFileFixture(name: string): QueueFileFixture {
  const fixture = queueFileFixtures().find((candidate) => candidate.name === name);
  if (fixture === undefined) {
    throw new Error(`no fixture ${name}`);
  }
  return fixture;
}

export function readFixture(file: string): Buffer {
  return readFileSync(join(DIRECTORY, file));
}

export interface PostcatRecord {
  readonly offset: number;
  readonly type: number;
}

/** The records that `postcat -odv` tells, pointer records included. */
export function postcatRecords(file: string): readonly PostcatRecord[] {
  return readFixture(file)
    .toString('latin1')
    .split('\n')
    .map((line) => /^ *(\d+) +(\d+) /.exec(line))
    .filter((match) => match !== null)
    .map(([, offset, type]) => ({ offset: Number(offset), type: Number(type) }));
}
