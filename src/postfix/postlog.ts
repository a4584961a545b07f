/**
 * Lines in the mail log, where Postfix's own are. postlog(1) knows where that is (syslog_facility, syslog_name, or
 * maillog_file, also while Postfix is stopped); where there is none, or no configuration that it can read, logger(1) of
 * util-linux writes to syslog.
 */

import { feedCommand, runCommand } from '../fs/command.ts';
import { errnoText } from '../fs/errno-text.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { errnoOf } from '../fs/system-error.ts';

export type LogPriority = 'info' | 'warn';

/** As syslog(3) calls them. */
const SYSLOG_PRIORITY = { info: 'info', warn: 'warning' } as const satisfies Record<LogPriority, string>;

export interface PostlogAccess {
  readonly run: typeof runCommand;
  readonly feed: typeof feedCommand;
  /** Whether a socket may be there: systemd has a symbolic link. */
  readonly isThere: (path: string) => boolean;
}

const SYSTEM: PostlogAccess = {
  run: runCommand,
  feed: feedCommand,
  isThere: isSocketOrLink,
};

function isSocketOrLink(path: string): boolean {
  const type = nodeFileSystem.lstat(path)?.type;
  return type !== undefined && type !== 'file' && type !== 'directory';
}

/** Where syslog(3) writes to: Linux, FreeBSD. */
const SYSLOG_SOCKETS = ['/dev/log', '/var/run/log'];

interface LogSettings {
  /** Null: no configuration that can be read. */
  readonly syslogName: string | null;
  readonly hasLog: boolean;
}

export class Postlog {
  readonly #configuration: readonly string[];
  readonly #access: PostlogAccess;
  /** Undefined: not asked for yet. */
  #settings: LogSettings | undefined;

  /** @param configDirectory undefined: Postfix's own default */
  constructor(configDirectory: string | undefined, access: PostlogAccess = SYSTEM) {
    this.#configuration = configDirectory === undefined ? [] : ['-c', configDirectory];
    this.#access = access;
  }

  /**
   * Never throws: what is told of mail is less than the mail.
   *
   * @param lines without their ends
   * @returns what went wrong; undefined: all is written, or this machine has no log that could be written to
   */
  write(lines: readonly string[], priority: LogPriority): string | undefined {
    try {
      this.#settings ??= this.#ask();
      return this.#settings.hasLog ? this.#feed(lines, priority, this.#settings.syslogName) : undefined;
    } catch (error) {
      const errno = errnoOf(error);
      return errno === undefined ? String(error) : errnoText(errno);
    }
  }

  #feed(lines: readonly string[], priority: LogPriority, name: string | null): string | undefined {
    const text = lines.map((line) => `${line}\n`).join('');
    if (name === null) {
      this.#access.feed('logger', ['-p', `mail.${SYSLOG_PRIORITY[priority]}`, '-t', 'postfix/postsnap'], text);
      return undefined;
    }
    const args = [...this.#configuration, '-p', priority, '-t', `${name}/postsnap`];
    const outcome = this.#access.feed('postlog', args, text);
    return outcome === undefined || outcome.status === 0 ? undefined : saidBy(outcome);
  }

  /**
   * postlog(1) itself would name its lines postlog's. Where nobody listens it would look for the socket anew for each
   * line.
   */
  #ask(): LogSettings {
    const hasSyslog = SYSLOG_SOCKETS.some((path) => this.#access.isThere(path));
    const outcome = this.#access.run('postconf', [...this.#configuration, '-hx', 'syslog_name', 'maillog_file']);
    if (outcome?.status !== 0) {
      return { syslogName: null, hasLog: hasSyslog };
    }
    const [syslogName = '', maillogFile = ''] = outcome.stdout.split('\n').map((line) => line.trim());
    return { syslogName, hasLog: hasSyslog || maillogFile !== '' };
  }
}

function saidBy({ status, stderr }: { readonly status: number | undefined; readonly stderr: string }): string {
  const line = stderr.split('\n').find((one) => one !== '');
  return line ?? (status === undefined ? 'postlog did not end' : `postlog ended in ${status}`);
}
