/**
 * `--metrics-file`: how a backup, a drill or a verification went, for node_exporter. It is written however the run ended.
 * When the last good one was stays in it when a later one fails: an alert on the age of the last success must not go away
 * with a failure. The metrics of all three stand in one file: each run leaves those of the others.
 */

import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { FileSystem } from '../../fs/file-system.ts';
import { replaceFile } from '../../fs/replace-file.ts';
import { readSmallFile } from '../../fs/small-file.ts';
import { unlessRefused } from '../../fs/system-error.ts';
import type { EndedRun } from '../process/metrics-run.ts';
import { encodeMetrics, findMetric, type MetricFamily, pickFamilies, type Sample } from './metrics-text.ts';

/** How a backup went, as far as it got. Times are milliseconds since the epoch. */
export interface BackupMetrics extends EndedRun {
  /** Undefined: nothing was taken. */
  readonly taken: TakenMetrics | undefined;
  /** When the archive was read back and found whole. */
  readonly verified: number | undefined;
  readonly store: StoreMetrics | undefined;
}

export interface TakenMetrics {
  readonly messages: Readonly<Record<string, number>>;
  /** When the oldest of them arrived; undefined: there are none. */
  readonly oldest: number | undefined;
  readonly bytes: number;
  readonly archiveBytes: number;
  readonly passes: number;
  readonly left: number;
  readonly unreadable: number;
}

export interface StoreMetrics {
  readonly snapshots: number;
  /** When the newest was begun. */
  readonly newest: number | undefined;
}

const LAST_SUCCESS = 'postsnap_backup_last_success_timestamp_seconds';
const LAST_VERIFIED = 'postsnap_verify_last_success_timestamp_seconds';
const SNAPSHOTS = 'postsnap_store_snapshots';
const NEWEST = 'postsnap_store_newest_snapshot_timestamp_seconds';
/** node_exporter is another user. There are numbers in it, and no mail. */
const MODE = 0o644;

const OF_BACKUPS = /^postsnap_(?:backup|store)_/u;
const OF_DRILLS = /^postsnap_drill_/u;
const OF_VERIFICATIONS = /^postsnap_verify_/u;

/**
 * Writes the file anew, with the metrics of a backup.
 *
 * @throws SystemError: the old one is as it was
 */
export function writeMetricsFile(fs: FileSystem, path: string, metrics: BackupMetrics): void {
  const before = textOf(fs, path);
  const families = familiesOf(metrics, { before, file: basename(path) });
  // A backup that was read back is verified, too.
  const isReplaced = (name: string): boolean =>
    OF_BACKUPS.test(name) || (name === LAST_VERIFIED && metrics.verified !== undefined);
  replace(fs, path, { families, others: pickFamilies(before, (name) => !isReplaced(name)) });
}

/** How a drill went. Times are milliseconds since the epoch. */
export interface DrillMetrics extends EndedRun {
  /** Undefined: nothing was restored. */
  readonly restored: number | undefined;
}

const LAST_DRILL = 'postsnap_drill_last_success_timestamp_seconds';

/**
 * Writes the file anew, with the metrics of a drill.
 *
 * @throws SystemError: the old one is as it was
 */
export function writeDrillMetrics(fs: FileSystem, path: string, metrics: DrillMetrics): void {
  const before = textOf(fs, path);
  const { began, ended, exitStatus, restored } = metrics;
  const gauge = gaugeOf(basename(path));
  const success = exitStatus === 0 ? ended / 1000 : findMetric(before, LAST_DRILL);
  const families = [
    gauge('postsnap_drill_last_attempt_timestamp_seconds', 'When the last drill began.', began / 1000),
    gauge(LAST_DRILL, 'When the last drill ended that found nothing wrong.', success),
    gauge('postsnap_drill_exit_status', 'Exit status of the last drill; 0 is success.', exitStatus),
    gauge('postsnap_drill_duration_seconds', 'How long the last drill took.', (ended - began) / 1000),
    gauge('postsnap_drill_restored_messages', 'Messages that the last drill restored.', restored),
  ];
  replace(fs, path, { families, others: pickFamilies(before, (name) => !OF_DRILLS.test(name)) });
}

/**
 * Writes the file anew, with the metrics of a verification by itself.
 *
 * @throws SystemError: the old one is as it was
 */
export function writeVerifyMetrics(fs: FileSystem, path: string, { began, ended, exitStatus }: EndedRun): void {
  const before = textOf(fs, path);
  const gauge = gaugeOf(basename(path));
  const families = [
    gauge('postsnap_verify_last_attempt_timestamp_seconds', 'When the last verification began.', began / 1000),
    lastVerified(gauge, exitStatus === 0 ? ended / 1000 : findMetric(before, LAST_VERIFIED)),
    gauge('postsnap_verify_exit_status', 'Exit status of the last verification; 0 is success.', exitStatus),
    gauge('postsnap_verify_duration_seconds', 'How long the last verification took.', (ended - began) / 1000),
  ];
  replace(fs, path, { families, others: pickFamilies(before, (name) => !OF_VERIFICATIONS.test(name)) });
}

type Gauge = (name: string, help: string, value: number | undefined) => MetricFamily;

function lastVerified(gauge: Gauge, value: number | undefined): MetricFamily {
  return gauge(LAST_VERIFIED, 'When an archive was last read back and found whole.', value);
}

interface NewText {
  readonly families: readonly MetricFamily[];
  /** What is left as it was. */
  readonly others: string;
}

function replace(fs: FileSystem, path: string, { families, others }: NewText): void {
  const content = Buffer.from(encodeMetrics(families) + others);
  replaceFile(fs, path, { content, mode: MODE, randomName: () => randomBytes(6).toString('hex') });
}

/** Makes families with one value. */
function gaugeOf(file: string): Gauge {
  return (name, help, value) => ({ name, help, samples: value === undefined ? [] : [{ labels: { file }, value }] });
}

/** What can't be read is lost, and written anew. */
function textOf(fs: FileSystem, path: string): string {
  return unlessRefused(() => readSmallFile(fs, path)) ?? '';
}

interface Surroundings {
  /** The metrics of the run before. */
  readonly before: string;
  /** The name of the file: it tells the instances of one machine apart, as in node_exporter's own metrics. */
  readonly file: string;
}

function familiesOf(metrics: BackupMetrics, { before, file }: Surroundings): MetricFamily[] {
  const { began, ended, exitStatus, verified, store } = metrics;
  const success = exitStatus === 0 ? ended / 1000 : findMetric(before, LAST_SUCCESS);
  const gauge = gaugeOf(file);
  return [
    gauge('postsnap_backup_last_attempt_timestamp_seconds', 'When the last backup began.', began / 1000),
    gauge(LAST_SUCCESS, 'When the last backup ended that took all and ended in status 0.', success),
    gauge('postsnap_backup_exit_status', 'Exit status of the last backup; 0 is success.', exitStatus),
    gauge('postsnap_backup_duration_seconds', 'How long the last backup took.', (ended - began) / 1000),
    ...takenFamilies(metrics.taken, gauge, file),
    ...(verified === undefined ? [] : [lastVerified(gauge, verified / 1000)]),
    // A backup that failed does not know its host: what was true of the store before is.
    gauge(
      SNAPSHOTS,
      'Snapshots of this host and instance in the store.',
      store?.snapshots ?? findMetric(before, SNAPSHOTS),
    ),
    gauge(
      NEWEST,
      'When the newest snapshot of this host and instance in the store was begun.',
      inSeconds(store?.newest) ?? findMetric(before, NEWEST),
    ),
  ];
}

function takenFamilies(taken: TakenMetrics | undefined, gauge: Gauge, file: string): MetricFamily[] {
  const byQueue: Sample[] = Object.entries(taken?.messages ?? {}).map(([queue, value]) => ({
    labels: { file, queue },
    value,
  }));
  return [
    { name: 'postsnap_backup_messages', help: 'Messages in the snapshot by queue.', samples: byQueue },
    gauge(
      'postsnap_backup_oldest_message_timestamp_seconds',
      'When the oldest message in the snapshot arrived.',
      inSeconds(taken?.oldest),
    ),
    gauge('postsnap_backup_content_bytes', 'Bytes of the files in the snapshot.', taken?.bytes),
    gauge('postsnap_backup_archive_bytes', 'Bytes of the archive.', taken?.archiveBytes),
    gauge('postsnap_backup_passes', 'How often the directories of the queue were listed.', taken?.passes),
    gauge('postsnap_backup_left_messages', 'Messages that left the queue during the snapshot.', taken?.left),
    gauge('postsnap_backup_unreadable_files', 'Files that could not be read, and are missing.', taken?.unreadable),
  ];
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
