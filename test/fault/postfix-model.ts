/**
 * What Postfix does to a queue while a restore works on it, as far as the order of the restore is made for it. Authority:
 * pickup.c and safe_open.c (a ready file with two names is deleted), qmgr_message.c and qmgr_active.c (the moves between
 * incoming, active and deferred; the defer log goes when a message becomes active), qmgr_move.c (at its start everything
 * in active goes to incoming, ready or not), postsuper.c (unready files are purged by age), mail_queue.c (new mail).
 */

import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { formatShortQueueId, parseQueueId } from '../../src/queue/queue-id.ts';
import { LOG_QUEUES, type LogQueueName, MESSAGE_QUEUES, type MessageQueueName } from '../../src/queue/queue-name.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile, readWhole } from '../support/disk/tree.ts';
import type { DeliveryLedger } from './delivery-ledger.ts';
import { HOUR_NS, logContent, NOW_NS, pathOf, QUEUE_DIRECTORY } from './restore-world.ts';

export interface PostfixOptions {
  /** Makes each rename durable at once: for a disk on which a directory's fsync may keep one half of a rename. */
  readonly settlesRenames: boolean;
}

/** MAX_TEMP_AGE before Postfix 3.5, the strictest: one day. */
const PURGE_AGE_NS = 24n * HOUR_NS;

export class PostfixModel {
  readonly #fs: SimulatedFileSystem;
  readonly #ledger: DeliveryLedger;
  readonly #options: PostfixOptions;
  /** Nanoseconds. */
  time = NOW_NS;

  constructor(fs: SimulatedFileSystem, ledger: DeliveryLedger, options: PostfixOptions) {
    this.#fs = fs;
    this.#ledger = ledger;
    this.#options = options;
  }

  /** Postfix starts: `postsuper -p`, then qmgr(8) moves what is in active back. */
  start(): void {
    this.purge();
    for (const name of this.#names('active')) {
      this.#rename(name, 'active', 'incoming');
    }
  }

  /** `postsuper -p`, also at every reload. */
  purge(): void {
    for (const queue of MESSAGE_QUEUES) {
      for (const name of this.#names(queue)) {
        const path = this.#path(queue, name);
        const status = this.#fs.lstat(path);
        if (status !== undefined && !isReady(status.mode) && this.time > status.mtimeNs + PURGE_AGE_NS) {
          this.#fs.unlink(path);
        }
      }
    }
  }

  /** pickup(8) and qmgr(8) take all that they can. */
  take(): void {
    this.pickup();
    for (const queue of ['incoming', 'deferred'] as const) {
      for (const name of this.#names(queue)) {
        this.activate(queue, name);
      }
    }
  }

  /** They take all that they can, and deliver it. */
  drain(): void {
    this.take();
    for (const name of this.#names('active')) {
      this.deliver(name);
    }
  }

  /** One small step, chosen by a number from 0 up to 1. */
  step(choice: number): void {
    const steps: (() => void)[] = [
      ...this.#names('maildrop').map(() => () => this.pickup()),
      ...this.#names('incoming').map((name) => () => this.activate('incoming', name)),
      ...this.#names('deferred').map((name) => () => this.activate('deferred', name)),
      ...this.#names('active').flatMap((name) => [() => this.deliver(name), () => this.defer(name)]),
      () => this.purge(),
      () => this.accept(),
    ];
    steps[Math.floor(choice * steps.length)]?.();
  }

  pickup(): void {
    for (const name of this.#names('maildrop')) {
      const path = this.#path('maildrop', name);
      const status = this.#fs.lstat(path);
      if (status !== undefined && isReady(status.mode)) {
        if (status.links > 1) {
          this.#ledger.complaints.push(`P2: pickup deleted ${path}: ${status.links} names`);
        } else {
          this.#deliverFile('maildrop', name);
        }
        this.#fs.unlink(path);
      }
    }
  }

  /** qmgr(8) takes a message into active, if it is ready and due. */
  activate(queue: 'incoming' | 'deferred', name: string): void {
    const path = this.#path(queue, name);
    const status = this.#fs.lstat(path);
    if (status === undefined || !isReady(status.mode) || status.mtimeNs > this.time) {
      return;
    }
    const content = this.#content(path);
    this.#checkLogs(name, content);
    this.#ledger.take(content);
    this.#rename(name, queue, 'active');
    this.#removeLog('defer', name);
  }

  deliver(name: string): void {
    const path = this.#path('active', name);
    const status = this.#fs.lstat(path);
    if (status !== undefined && isReady(status.mode)) {
      this.#deliverFile('active', name);
      for (const queue of LOG_QUEUES) {
        this.#removeLog(queue, name);
      }
      this.#fs.unlink(path);
    }
  }

  /** Delivery failed for now: a new defer log, a time in the future, back to deferred. */
  defer(name: string): void {
    const path = this.#path('active', name);
    const status = this.#fs.lstat(path);
    if (status === undefined || !isReady(status.mode)) {
      return;
    }
    const log = this.#path('defer', name);
    putFile(this.#fs, log, { content: logContent(this.#content(path), 'defer') });
    syncUpwards(this.#fs, log);
    const fd = this.#fs.open(path, constants.O_RDONLY);
    const next = this.time + HOUR_NS / 12n;
    this.#fs.futimes(fd, next, next);
    this.#fs.close(fd);
    this.#rename(name, 'active', 'deferred');
  }

  /** New mail by SMTP: cleanup(8) writes it, syncs it, and makes it ready. */
  accept(): void {
    const serial = this.#ledger.nextSerial();
    const content = `new mail ${serial}`;
    const temporary = join(QUEUE_DIRECTORY, 'incoming', `${serial}.4711`);
    const inode = putFile(this.#fs, temporary, { content, mode: 0o600, mtimeNs: this.time });
    const { text } = formatShortQueueId({ microseconds: 500_000 + serial, inode });
    this.#ledger.accepted({ queueName: 'incoming', queueId: text, content, mtimeNs: this.time, logs: [] });
    for (const queue of LOG_QUEUES) {
      this.#removeLog(queue, text);
    }
    const path = this.#path('incoming', text);
    if (this.#fs.lstat(path) !== undefined) {
      this.#ledger.complaints.push(`P1: new mail replaces ${path}`);
    }
    this.#fs.rename(temporary, path);
    const fd = this.#fs.open(path, constants.O_RDONLY);
    this.#fs.fchmod(fd, 0o700);
    this.#fs.close(fd);
    syncUpwards(this.#fs, path);
  }

  #deliverFile(queue: MessageQueueName, name: string): void {
    const path = this.#path(queue, name);
    const content = this.#content(path);
    if (this.#ledger.message(content) === undefined) {
      this.#ledger.complaints.push(`P4: Postfix found garbage at ${path}: "${content}"`);
    }
    if (parseQueueId(name)?.inode !== this.#fs.lstat(path)?.inode) {
      this.#ledger.complaints.push(`P5: ${path} has a name that is not its inode's`);
    }
    this.#ledger.deliver(content, this.#fs.lstat(path)?.inode ?? 0n);
  }

  /** Whoever reads the logs of a message must find its own, all of them, and nobody else's. */
  #checkLogs(name: string, content: string): void {
    const expected = this.#ledger.message(content)?.logs ?? [];
    for (const queue of LOG_QUEUES) {
      const path = this.#path(queue, name);
      const found = this.#fs.lstat(path) === undefined ? undefined : this.#content(path);
      if (found !== undefined && found !== logContent(content, queue)) {
        this.#ledger.complaints.push(`P4: "${content}" has inherited a log: ${found}`);
      }
      if (found === undefined && expected.includes(queue) && !this.#ledger.wasTaken(content)) {
        this.#ledger.complaints.push(`P4: "${content}" has lost its ${queue} log`);
      }
    }
  }

  #removeLog(queue: LogQueueName, name: string): void {
    const path = this.#path(queue, name);
    if (this.#fs.lstat(path) !== undefined) {
      this.#fs.unlink(path);
    }
  }

  #rename(name: string, from: MessageQueueName, to: MessageQueueName): void {
    const [old, created] = [this.#path(from, name), this.#path(to, name)];
    const there = this.#fs.lstat(created);
    if (there !== undefined && there.inode !== this.#fs.lstat(old)?.inode) {
      this.#ledger.complaints.push(`P1: Postfix renames ${old} over ${created}`);
    }
    if (this.#fs.lstat(dirname(created)) === undefined) {
      makeDirectories(this.#fs, dirname(created), 0o700);
      syncUpwards(this.#fs, dirname(created));
    }
    this.#fs.rename(old, created);
    if (this.#options.settlesRenames) {
      syncUpwards(this.#fs, dirname(created));
      syncUpwards(this.#fs, dirname(old));
    }
  }

  #content(path: string): string {
    return Buffer.from(readWhole(this.#fs, path)).toString('latin1');
  }

  #path(queue: MessageQueueName | LogQueueName, name: string): string {
    return join(QUEUE_DIRECTORY, pathOf(queue, name));
  }

  /** The queue IDs in a queue, each at its own place. */
  #names(queue: MessageQueueName): string[] {
    const names: string[] = [];
    const visit = (directory: string): void => {
      for (const name of this.#fs.readdir(directory)) {
        if (name.length === 1) {
          visit(join(directory, name));
        } else if (parseQueueId(name) !== undefined) {
          names.push(basename(name));
        }
      }
    };
    visit(join(QUEUE_DIRECTORY, queue));
    return names;
  }
}

/** What Postfix itself made shall not be what a power loss takes: syncs a file, and the directories above it. */
export function syncUpwards(fs: SimulatedFileSystem, path: string): void {
  const fd = fs.open(path, constants.O_RDONLY);
  fs.fsync(fd);
  fs.close(fd);
  if (path !== QUEUE_DIRECTORY) {
    syncUpwards(fs, dirname(path));
  }
}

function isReady(mode: number): boolean {
  return (mode & 0o700) === 0o700;
}
