/** What a hostile mail_owner would lead root to, and his attack on the names of a queue. */

import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptForAnybody } from '../process/for-anybody.ts';
import { portrait } from './queue-census.ts';
import { NOBODY, OWNER } from './queues.ts';

const ATTACKER = fileURLToPath(new URL('../process/hostile-owner.js', import.meta.url));

/** A name that a queue file could have. */
export const CANARY_ID = '1234500012F';
/** What root's files hold. */
export const SECRET = 'only root may read this';

const DIRECTORIES = [
  ['', 0o755],
  ['secret', 0o700],
  ['secret/etc', 0o700],
  ['secret/queue', 0o700],
  ['open', 0o755],
  ['open/deferred', 0o777],
  ['others', 0o711],
] as const;

const FILES = [
  [CANARY_ID, 0o600],
  ['shadow', 0o600],
  ['ABCDE12345', 0o700],
] as const;

/** Root's and another user's files, some for root's eyes only, with names that a queue file could have. */
export function makeCanaries(path: string): string {
  for (const [directory, mode] of DIRECTORIES) {
    mkdirSync(join(path, directory));
    chmodSync(join(path, directory), mode);
    for (const [name, fileMode] of FILES) {
      writeFileSync(join(path, directory, name), SECRET);
      chmodSync(join(path, directory, name), fileMode);
    }
  }
  // Another user's private files, in a directory that everybody gets through.
  chownSync(join(path, 'others', CANARY_ID), NOBODY.uid, NOBODY.gid);
  return path;
}

/** The canaries as they are, without what he could have made himself, where everybody may write. No canary is his. */
export function canariesIn(path: string): string[] {
  const isHis = (line: string): boolean =>
    line.startsWith('open/deferred/') && line.split(' ')[2] === String(OWNER.uid);
  return portrait(path).filter((line) => !isHis(line));
}

export interface Attack {
  readonly queue: string;
  readonly canaries: string;
  readonly seconds: number;
  readonly seed: number;
}

/** Swaps names in a queue for links to the canaries and back. Returns how often. */
export function attack({ queue, canaries, seconds, seed }: Attack): Promise<number> {
  const args = [scriptForAnybody(ATTACKER), queue, canaries, String(seconds), String(seed)];
  const child = spawn(process.execPath, args, { ...OWNER, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  return new Promise((resolve) => child.on('close', () => resolve(Number(text))));
}
