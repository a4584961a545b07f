import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND } from '../process/command.ts';

const MAKE_QUEUE = fileURLToPath(new URL('../../bench/make-queue.js', import.meta.url));
const QUEUES = 'active bounce corrupt defer deferred flush hold incoming maildrop saved trace'.split(' ');

/** A user that every system has, and that is neither root nor nobody: it stands for postfix where there is none. */
const MAIL_OWNER = 'daemon';
export const OWNER = { uid: numberOf('-u'), gid: numberOf('-g') };
export const NOBODY = { uid: 65_534, gid: 65_534 };

function numberOf(flag: string): number {
  return Number(execFileSync('id', [flag, MAIL_OWNER], { encoding: 'utf8' }));
}

/** A directory that other users get through. */
export function openScratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'postsnap-violence-'));
  chmodSync(path, 0o755);
  return path;
}

/** Makes an empty queue directory as Postfix has it: root's, with sub-directories that are mail_owner's. */
export function makeQueueDirectory(path: string, owner: { uid: number; gid: number } = OWNER): string {
  mkdirSync(path, { mode: 0o755 });
  chmodSync(path, 0o755);
  for (const queue of QUEUES) {
    mkdirSync(join(path, queue), { mode: queue === 'maildrop' ? 0o730 : 0o700 });
    chownSync(join(path, queue), owner.uid, owner.gid);
  }
  return path;
}

/** Fills a new queue directory with small messages and their logs, in all queues that hold mail. */
export function makeFullQueue(path: string, messages: number): string {
  // The seed: queues of different sizes have no message in common.
  const numbers = ['--messages', String(messages), '--seed', String(messages)];
  execFileSync(process.execPath, [MAKE_QUEUE, path, ...numbers, '--sizes', 'tiny']);
  return path;
}

/** The options that name a queue directory of the test's owner, with or without a Postfix on the machine. */
export function optionsFor(queueDirectory: string, mailOwner: string = MAIL_OWNER): string[] {
  const settings = [
    `mail_owner=${mailOwner}`,
    `setgid_group=${mailOwner}`,
    'hash_queue_names=deferred, defer',
    'hash_queue_depth=1',
    'enable_long_queue_ids=no',
    // The messages are as old as the generator makes them.
    'maximal_queue_lifetime=36500d',
  ];
  return ['--queue-directory', queueDirectory, ...settings.flatMap((setting) => ['-o', setting])];
}

/** Makes a queue of so many messages and an archive of it that everybody may read. */
export function makeArchive(
  directory: string,
  messages: number,
): { readonly source: string; readonly archive: string } {
  const source = makeFullQueue(join(directory, `source-${messages}`), messages);
  const archive = join(directory, `queue-${messages}.tar.zst`);
  execFileSync(process.execPath, [COMMAND, 'backup', '-q', ...optionsFor(source), archive]);
  chmodSync(archive, 0o644);
  return { source, archive };
}
