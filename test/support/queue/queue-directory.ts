import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { QUEUES } from '../../../src/queue/queue-name.ts';
import { discoverDepths, type Spool } from '../../../src/spool/spool.ts';

/** An empty queue directory for one test, removed after it. */
export function makeQueueDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'postsnap-queue-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const { name } of QUEUES) {
    mkdirSync(join(path, name));
  }
  return path;
}

interface NewFile {
  readonly content?: string | Uint8Array;
  readonly mode?: number;
}

/** Writes a file below a queue directory; a message that is complete, if the mode says nothing else. */
export function put(queueDirectory: string, place: string, { content = '', mode = 0o700 }: NewFile = {}): string {
  const path = join(queueDirectory, place);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

export function spoolOf(queueDirectory: string): Spool {
  const depths = discoverDepths(nodeFileSystem, queueDirectory, DEFAULT_LAYOUT);
  return { fs: nodeFileSystem, queueDirectory, depths };
}
