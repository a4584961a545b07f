import { chmodSync, chownSync, linkSync, mkdirSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type QueueLayout, queueFilePath } from '../../../src/queue/layout.ts';
import { formatShortQueueId } from '../../../src/queue/queue-id.ts';
import type { QueueName } from '../../../src/queue/queue-name.ts';
import type { PostfixInstance } from './instance.ts';

export interface Planting {
  readonly queueName: QueueName;
  readonly bytes: Uint8Array;
  /** By default that of a ready message of the mail system's. */
  readonly mode?: number;
  readonly uid?: number;
  readonly microseconds?: number;
}

const LAYOUT: QueueLayout = { hashQueueNames: new Set(['defer', 'deferred']), hashQueueDepth: 1 };

let planted = 0;

/** Puts a file into a queue under a short name that is true to its inode, and returns the name. */
export function plant(postfix: PostfixInstance, planting: Planting): string {
  planted += 1;
  const { queueName, bytes, mode = 0o700, uid = postfix.queueOwner(), microseconds = planted } = planting;
  const temporary = join(postfix.queueDirectory, queueName, `planting-${planted}`);
  writeFileSync(temporary, bytes, { mode: 0o600 });
  const { ino: inode } = statSync(temporary, { bigint: true });
  const id = formatShortQueueId({ microseconds, inode });
  const path = join(postfix.queueDirectory, queueFilePath(LAYOUT, queueName, id));
  makeHashDirectory(postfix, dirname(path));
  chownSync(temporary, uid, statSync(join(postfix.queueDirectory, 'incoming')).gid);
  const past = new Date(Date.now() - 60_000);
  utimesSync(temporary, past, past);
  linkSync(temporary, path);
  unlinkSync(temporary);
  chmodSync(path, mode);
  return id.text;
}

function makeHashDirectory(postfix: PostfixInstance, directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chownSync(directory, postfix.queueOwner(), statSync(join(postfix.queueDirectory, 'incoming')).gid);
}
