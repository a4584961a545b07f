/** What a backup gathers for its metrics while it works, and the writing of them however it ends. */

import type { BackupReport } from '../../backup/options.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { snapshots } from '../../keep/snapshots.ts';
import type { Line } from '../../store/line-name.ts';
import type { Store } from '../../store/store.ts';
import { type EndedRun, writingMetrics } from '../process/metrics-run.ts';
import type { Session } from '../process/session.ts';
import { type BackupMetrics, type StoreMetrics, type TakenMetrics, writeMetricsFile } from './metrics-file.ts';
import { metricsWriter } from './metrics-writer.ts';

/** Nobody delivers from these: what lies there may be as old as the installation. */
const NOT_DELIVERED: ReadonlySet<string> = new Set(['corrupt', 'saved']);

/** The facts of one backup, as it comes to know them. */
export class BackupFacts {
  readonly #isWanted: boolean;
  #taken: TakenMetrics | undefined;
  #verified: number | undefined;
  #store: StoreMetrics | undefined;

  /** @param isWanted - false: nothing is looked up */
  constructor(isWanted: boolean) {
    this.#isWanted = isWanted;
  }

  /** The archive is written. It is read for what its report does not tell, unless it went to a stream. */
  async took(report: BackupReport, session: Session): Promise<void> {
    if (!this.#isWanted) {
      return;
    }
    const byQueue = Object.entries(report.by_queue).map(([queue, { messages }]) => [queue, messages]);
    this.#taken = {
      messages: Object.fromEntries(byQueue),
      oldest: report.archive === null ? undefined : await oldestArrival(report.archive, session),
      bytes: report.bytes,
      archiveBytes: report.archive_bytes,
      passes: report.passes,
      left: report.left,
      unreadable: report.unreadable.length,
    };
  }

  /** @param isProven - undefined: the archive was not read back */
  proved(isProven: boolean | undefined): void {
    this.#verified = isProven === true ? Date.now() : undefined;
  }

  /** The snapshot is in a store; what else it has of this host and instance is looked up. */
  async kept(store: Store, { host, instance }: Line): Promise<void> {
    if (this.#isWanted) {
      const all = await snapshots({ store, host, instance, now: Date.now() });
      this.#store = { snapshots: all.length, newest: all.at(-1)?.snapshot.time };
    }
  }

  metrics(run: EndedRun): BackupMetrics {
    return { ...run, taken: this.#taken, verified: this.#verified, store: this.#store };
  }
}

/** @returns milliseconds since the epoch; undefined where there is no message */
async function oldestArrival(archive: string, session: Session): Promise<number | undefined> {
  const { list } = await import('../../inspect/list.ts');
  let oldest: number | undefined;
  await list(
    {
      archive,
      onMessage: ({ queue_name, state, arrival_time }) => {
        if (state === 'queued' && !NOT_DELIVERED.has(queue_name)) {
          oldest = Math.min(oldest ?? arrival_time, arrival_time);
        }
      },
    },
    { signal: session.signal },
  );
  return oldest === undefined ? undefined : oldest * 1000;
}

/**
 * Runs a backup, and writes its metrics however it ends.
 *
 * @param file undefined: none are wanted
 * @param work resolves to the exit status
 * @returns that status; where only the metrics could not be written, that something was left out
 */
export async function withMetrics(
  file: string | undefined,
  session: Session,
  work: (facts: BackupFacts) => Promise<number>,
): Promise<number> {
  const facts = new BackupFacts(file !== undefined);
  const write = (fs: FileSystem, path: string, run: EndedRun): void => writeMetricsFile(fs, path, facts.metrics(run));
  return writingMetrics(metricsWriter(file, write), session, () => work(facts));
}
