/**
 * A queue with what one release of Postfix writes and another may not know. Each release makes one for the fixtures
 * (make-version-queue.ts), and a test restores all of them into the Postfix that is installed.
 */

import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PostfixInstance } from '../support/postfix/instance.ts';
import { decimalSeconds, octalMode } from './fixture-set.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/releases');

/** A message of such a queue, by X-Test-Id: where it is, and who has not got it yet. */
export interface VersionMessage {
  readonly id: string;
  readonly place: 'deferred' | 'hold' | 'maildrop';
  readonly toDo: readonly string[];
}

interface Manifest {
  readonly mail_version: string;
  readonly messages: readonly VersionMessage[];
  readonly files: Readonly<Record<string, FileFacts>>;
}

/** What git does not keep. */
interface FileFacts {
  readonly mode: string;
  readonly mtime: string;
  readonly isSubmitters?: boolean;
}

export interface VersionQueue {
  readonly release: string;
  readonly messages: readonly VersionMessage[];
  /** Lays it out in a directory, with the owner of the instance's queue; submissions are the submitter's. */
  readonly layOut: (directory: string, options: LayOutOptions) => void;
}

export interface LayOutOptions {
  readonly owner: number;
  readonly submitter: number;
}

/** Keeps the queue of an instance that is stopped. */
export function saveVersionQueue(
  postfix: PostfixInstance,
  mailVersion: string,
  messages: readonly VersionMessage[],
): void {
  const directory = join(FIXTURES, releaseOf(mailVersion));
  rmSync(directory, { recursive: true, force: true });
  const files: Record<string, FileFacts> = {};
  for (const { path, mode, mtimeNs, uid } of postfix.queueFiles()) {
    mkdirSync(dirname(join(directory, 'queue', path)), { recursive: true });
    writeFileSync(join(directory, 'queue', path), readFileSync(join(postfix.queueDirectory, path)));
    const isSubmitters = uid !== postfix.queueOwner();
    files[path] = { mode: octalMode(mode), mtime: decimalSeconds(mtimeNs), ...(isSubmitters ? { isSubmitters } : {}) };
  }
  const manifest: Manifest = { mail_version: mailVersion, messages, files };
  writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function releaseOf(mailVersion: string): string {
  return mailVersion.split('.').slice(0, 2).join('.');
}

/** The queues of all releases that there are fixtures of. */
export function versionQueues(): VersionQueue[] {
  return readdirSync(FIXTURES).map((release) => {
    const manifest: Manifest = JSON.parse(readFileSync(join(FIXTURES, release, 'manifest.json'), 'utf8'));
    return {
      release,
      messages: manifest.messages,
      layOut: (directory, options) => {
        for (const [path, facts] of Object.entries(manifest.files)) {
          layOutFile({ from: join(FIXTURES, release, 'queue', path), to: join(directory, path) }, facts, options);
        }
        for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
          if (entry.isDirectory()) {
            chownSync(join(entry.parentPath, entry.name), options.owner, options.owner);
          }
        }
      },
    };
  });
}

function layOutFile(
  { from, to }: { readonly from: string; readonly to: string },
  { mode, mtime, isSubmitters }: FileFacts,
  { owner, submitter }: LayOutOptions,
): void {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, readFileSync(from));
  chownSync(to, isSubmitters === true ? submitter : owner, owner);
  chmodSync(to, Number.parseInt(mode, 8));
  utimesSync(to, Number(mtime), Number(mtime));
}
