import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatStamp } from '../../../src/store/utc-stamp.ts';

const run = promisify(execFile);

export interface ResticSnapshot {
  readonly host: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly time: number;
  readonly tags: readonly string[];
}

/** What `restic forget` would do with one host's snapshots: times, with the reasons of those that are kept. */
export interface ResticVerdict {
  readonly host: string;
  readonly kept: ReadonlyMap<number, readonly string[]>;
  readonly removed: readonly number[];
}

interface ForgetGroup {
  readonly host: string;
  readonly remove: readonly { readonly time: string }[] | null;
  readonly reasons:
    | readonly { readonly snapshot: { readonly time: string }; readonly matches: readonly string[] }[]
    | null;
}

/** A repository of restic with snapshots of an empty file, each dated as one wants. */
export class ResticRepository {
  readonly #directory = mkdtempSync(join(tmpdir(), 'postsnap-restic-'));

  async initialise(): Promise<void> {
    writeFileSync(join(this.#directory, 'empty'), '');
    await this.#restic(['init']);
  }

  /** A few at a time: most of a run is waiting for restic to have made its key of the password. */
  async add(snapshots: readonly ResticSnapshot[]): Promise<void> {
    const waiting = [...snapshots];
    const worker = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await this.#backUp(next);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }

  /** @param keep - options of `restic forget` */
  async forget(tag: string, keep: readonly string[]): Promise<ResticVerdict[]> {
    const answer = await this.#restic(['forget', '--dry-run', '--json', '--group-by', 'host', '--tag', tag, ...keep]);
    const groups = JSON.parse(answer) as ForgetGroup[];
    return groups.map(({ host, remove, reasons }) => ({
      host,
      kept: new Map((reasons ?? []).map(({ snapshot, matches }) => [Date.parse(snapshot.time), matches])),
      removed: (remove ?? []).map(({ time }) => Date.parse(time)),
    }));
  }

  /** Since 0.16 it keeps the oldest of all while a rule has not so many. */
  async keepsOldest(): Promise<boolean> {
    const [, major = '', minor = ''] = /^restic (\d+)\.(\d+)/u.exec(await this.#restic(['version'])) ?? [];
    return Number(major) > 0 || Number(minor) >= 16;
  }

  dispose(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #backUp({ host, time, tags }: ResticSnapshot): Promise<string> {
    const [, date, clock] = /^(\d{8})T(\d{6})Z$/u.exec(formatStamp(time)) ?? [];
    const when = `${date?.replace(/^(....)(..)(..)$/u, '$1-$2-$3')} ${clock?.replace(/^(..)(..)(..)$/u, '$1:$2:$3')}`;
    const options = ['--host', host, '--time', when, ...tags.flatMap((tag) => ['--tag', tag])];
    return this.#restic(['backup', ...options, join(this.#directory, 'empty')]);
  }

  async #restic(args: readonly string[]): Promise<string> {
    const env = {
      ...process.env,
      TZ: 'UTC',
      RESTIC_PASSWORD: 'none',
      RESTIC_REPOSITORY: join(this.#directory, 'repo'),
    };
    const { stdout } = await run('restic', ['--quiet', '--no-cache', ...args], { env });
    return stdout;
  }
}
