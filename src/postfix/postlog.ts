/**
 * Lines in the mail log, where Postfix's own are. postlog(1) knows where that is (syslog_facility, syslog_name, or
 * maillog_file, also while Postfix is stopped); where there is none, or no configuration that it can read, logger(1) of
 * util-linux writes to syslog.
 */

import { feedCommand, runCommand } from '../fs/command.ts';
import { errnoText } from '../fs/errno-text.ts';
import { errnoOf } from '../fs/system-error.ts';

export type LogPriority = 'info' | 'warn';

/** As syslog(3) calls them. */
const SYSLOG_PRIORITY = { info: 'info', warn: 'warning' } as const satisfies Record<LogPriority, string>;

export interface PostlogAccess {
  readonly run: typeof runCommand;
  readonly feed: typeof feedCommand;
}

const SYSTEM: PostlogAccess = { run: runCommand, feed: feedCommand };

export class Postlog {
  readonly #configuration: readonly string[];
  readonly #access: PostlogAccess;
  /** Null: not to be had. Undefined: not asked for yet. */
  #name: string | null | undefined;

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
    const text = lines.map((line) => `${line}\n`).join('');
    try {
      const name = this.#syslogName();
      if (name === null) {
        this.#access.feed('logger', ['-p', `mail.${SYSLOG_PRIORITY[priority]}`, '-t', 'postfix/postsnap'], text);
        return undefined;
      }
      const args = [...this.#configuration, '-p', priority, '-t', `${name}/postsnap`];
      const outcome = this.#access.feed('postlog', args, text);
      return outcome === undefined || outcome.status === 0 ? undefined : saidBy(outcome);
    } catch (error) {
      const errno = errnoOf(error);
      return errno === undefined ? String(error) : errnoText(errno);
    }
  }

  /** postlog(1) itself would name its lines postlog's. */
  #syslogName(): string | null {
    if (this.#name === undefined) {
      const outcome = this.#access.run('postconf', [...this.#configuration, '-hx', 'syslog_name']);
      this.#name = outcome?.status === 0 ? outcome.stdout.trim() : null;
    }
    return this.#name;
  }
}

function saidBy({ status, stderr }: { readonly status: number | undefined; readonly stderr: string }): string {
  const line = stderr.split('\n').find((one) => one !== '');
  return line ?? (status === undefined ? 'postlog did not end' : `postlog ended in ${status}`);
}
