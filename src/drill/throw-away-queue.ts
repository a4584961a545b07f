/**
 * A queue directory that is made for a drill and removed after it, with a Postfix configuration of its own. No service of
 * Postfix is ever started on it, so no port is opened and nothing is delivered.
 */

import { join } from 'node:path';
import { SystemError } from '../errors.ts';
import { runCommand } from '../fs/command.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { createExclusive, safeMkdir } from '../fs/nfs-safe.ts';
import { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from '../fs/open-flags.ts';
import { systemError, unlessErrno } from '../fs/system-error.ts';
import type { Account } from '../postfix/accounts.ts';
import { QUEUES } from '../queue/queue-name.ts';

const PREFIX = 'postsnap-drill.';
/** Users get through it, and can't list it: mail_owner works in the queue. */
const THROUGH = 0o711;
const OWNERS_ALONE = 0o700;

/** Directories of conf/postfix-files that hold no messages, and that commands of Postfix look into. */
const OTHERS = ['flush', 'private', 'public', 'pid'] as const;

export interface ThrowAwayOptions {
  /** Where it is made. */
  readonly directory: string;
  readonly owner: Account;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** 12 hexadecimal digits, others at each call. */
  readonly randomName: () => string;
}

const LEFT = /^postsnap-drill\.[0-9a-f]{12}$/u;
/** No drill takes so long. */
const LEFT_AFTER_MS = 7 * 86_400_000;

/**
 * Removes what drills that were killed left here: it is private mail, and takes the room of a queue. Only what is this
 * user's: others may write into the directory, too. (drill.test.ts, "removes what one that was killed has left")
 */
function sweep(fs: FileSystem, directory: string, now: number): void {
  const names = unlessErrno(['ENOENT', 'ENOTDIR', 'EACCES'], () => fs.readdir(directory)) ?? [];
  for (const path of names.filter((name) => LEFT.test(name)).map((name) => join(directory, name))) {
    const status = fs.lstat(path);
    const isOld = status !== undefined && now - Number(status.mtimeNs / 1_000_000n) > LEFT_AFTER_MS;
    if (isOld && status.type === 'directory' && status.uid === process.getuid?.()) {
      runCommand('rm', ['-rf', '--', path]);
    }
  }
}

export class ThrowAwayQueue {
  readonly base: string;
  readonly #fs: FileSystem;

  private constructor(fs: FileSystem, base: string) {
    this.#fs = fs;
    this.base = base;
  }

  /** @throws SystemError: nothing is left */
  static create(fs: FileSystem, { directory, owner, now, randomName }: ThrowAwayOptions): ThrowAwayQueue {
    sweep(fs, directory, now);
    const queue = new ThrowAwayQueue(fs, join(directory, PREFIX + randomName()));
    try {
      if (safeMkdir(fs, queue.base, OWNERS_ALONE) === 'exists') {
        throw new SystemError('refused', `${queue.base} exists already`, { errno: 'EEXIST', path: queue.base });
      }
      try {
        queue.#fill(owner);
      } catch (error) {
        queue.remove();
        throw error;
      }
    } catch (error) {
      throw systemError(error, { action: "can't make a queue directory for the drill", path: queue.base });
    }
    return queue;
  }

  get queueDirectory(): string {
    return join(this.base, 'queue');
  }

  get configDirectory(): string {
    return join(this.base, 'config');
  }

  /** Writes main.cf and an empty master.cf: what the commands of Postfix have to know of this queue, and no service. */
  configure(parameters: Readonly<Record<string, string>>): void {
    const lines = Object.entries({
      ...parameters,
      queue_directory: this.queueDirectory,
      data_directory: join(this.base, 'data'),
      // In the log, the commands of the drill are told from those of the mail system.
      syslog_name: 'postsnap-drill',
      inet_interfaces: 'loopback-only',
    }).map(([name, value]) => `${name} = ${value}\n`);
    this.#write('main.cf', lines.join(''));
    this.#write('master.cf', '');
  }

  /**
   * Removes all of it. mail_owner may do in the queue what he likes, also meanwhile: rm(1) goes down by descriptors and
   * follows no link, so nothing elsewhere can be reached.
   *
   * @throws SystemError: something is left
   */
  remove(): void {
    runCommand('rm', ['-rf', '--', this.base]);
    if (this.#fs.lstat(this.base) !== undefined) {
      throw new SystemError('refused', `can't remove ${this.base}`, {
        errno: 'ENOTEMPTY',
        path: this.base,
        nextStep: 'Remove it by hand: what is in it is a copy.',
      });
    }
  }

  #fill(owner: Account): void {
    this.#makeDirectory('config');
    this.#makeDirectory('data', owner);
    this.#makeDirectory('queue');
    for (const { name } of QUEUES) {
      this.#makeDirectory(`queue/${name}`, owner);
    }
    for (const name of OTHERS) {
      this.#makeDirectory(`queue/${name}`, owner);
    }
    this.#change('queue', (fd) => this.#fs.fchmod(fd, 0o755));
    // Last: until then nobody else gets in.
    this.#change('.', (fd) => this.#fs.fchmod(fd, THROUGH));
  }

  #makeDirectory(name: string, owner?: Account): void {
    safeMkdir(this.#fs, join(this.base, name), OWNERS_ALONE);
    if (owner !== undefined) {
      this.#change(name, (fd) => this.#fs.fchown(fd, owner.uid, owner.gid));
    }
  }

  #change(name: string, call: (fd: number) => void): void {
    const fd = this.#fs.open(join(this.base, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      call(fd);
    } finally {
      this.#fs.close(fd);
    }
  }

  #write(name: string, text: string): void {
    const path = join(this.configDirectory, name);
    const fd = createExclusive(this.#fs, path, 0o644);
    if (fd === 'exists') {
      throw new SystemError('refused', `${path} exists already`, { errno: 'EEXIST', path });
    }
    try {
      this.#fs.write(fd, Buffer.from(text));
    } finally {
      this.#fs.close(fd);
    }
  }
}
