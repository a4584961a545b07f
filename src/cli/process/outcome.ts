/** The exit status that follows from a report. */

import type { BackupReport } from '../../backup/options.ts';
import type { ImportReport } from '../../import/options.ts';
import type { VerifyReport } from '../../inspect/verify.ts';
import type { ReleaseReport } from '../../release/options.ts';
import type { RepairReport } from '../../repair/options.ts';
import type { RestoreReport } from '../../restore/options.ts';
import type { StatusReport } from '../../restore/unfinished.ts';
import type { UnfinishedReport } from '../../restore/unfinished-work.ts';
import { DAMAGED, DONE, LEFT_OUT } from './exit-status.ts';

/*
 * Status 1 is for what is missing against what was asked. What is in the target already, was restored before, left the
 * source or was not selected is counted, and is no fault.
 */

/**
 * Unreadable files and an unsettled queue are missing from a backup, and so are queue IDs that were named, and a selection
 * that matches nothing; `left`, `incomplete` and `malformed` are no fault.
 */
export function backupStatus(report: BackupCounts, isSelective = false): number {
  const isWhole = report.unreadable.length === 0 && report.settled && report.missing_ids.length === 0;
  return isWhole && !(isSelective && takesNothing(report)) ? DONE : LEFT_OUT;
}

type BackupCounts = Pick<BackupReport, 'unreadable' | 'settled' | 'missing_ids' | 'messages' | 'left'>;

/** Whether there is no message in the archive. */
export function takesNothing({ messages, left }: Pick<BackupReport, 'messages' | 'left'>): boolean {
  return messages + left === 0;
}

/** What could not be taken of a tar is missing, and so is what was asked for and is not in it; what it held twice is not. */
export function importStatus(report: ImportCounts & Pick<ImportReport, 'skipped'>, isSelective = false): number {
  const isMissing = report.skipped.some(({ missing }) => missing) || report.missing_ids.length > 0;
  return isMissing || takesNothingOf(report, isSelective) ? LEFT_OUT : DONE;
}

type ImportCounts = Pick<ImportReport, 'messages' | 'missing_ids'>;

/** Whether nothing of the tar is what was asked for. */
export function takesNothingOf({ messages }: Pick<ImportReport, 'messages'>, isSelective: boolean): boolean {
  return isSelective && messages === 0;
}

type Missing = Pick<RestoreReport, 'damaged' | 'failed' | 'missing_ids'>;

/** Whether anything is known to be missing from a restore. */
export function isMissing({ damaged, failed, missing_ids }: Missing): boolean {
  return damaged > 0 || failed > 0 || missing_ids.length > 0;
}

/**
 * Damaged and failed messages are missing from a restore, and so may be what a salvaged archive held where nobody can
 * tell; a selection that matches nothing is missing, too, and so is a queue ID that no message has.
 */
export function restoreStatus(report: RestoreCounts & Pick<RestoreReport, 'missing_ids'>, isSelective = false): number {
  if (!report.accounted || isMissing(report)) {
    return LEFT_OUT;
  }
  return selectsNothing(report, isSelective) ? LEFT_OUT : DONE;
}

type RestoreCounts = Pick<
  RestoreReport,
  | 'restored'
  | 'already_present'
  | 'already_restored'
  | 'delivered_since'
  | 'left'
  | 'not_selected'
  | 'damaged'
  | 'failed'
  | 'accounted'
>;

/** Whether nothing of the archive was selected, where something is not selected by itself or by what was asked for. */
export function selectsNothing(report: RestoreCounts, isSelective = false): boolean {
  const selected =
    report.restored +
    report.already_present +
    report.already_restored +
    report.delivered_since +
    report.left +
    report.damaged +
    report.failed;
  return selected === 0 && (report.not_selected > 0 || isSelective);
}

/** Nothing waits any more, and nothing was lost. */
export function endedStatus(report: Pick<UnfinishedReport, 'pending' | 'failed'>): number {
  return report.pending.length === 0 && report.failed === 0 ? DONE : LEFT_OUT;
}

/** Something waits. */
export function unfinishedStatus(report: Pick<StatusReport, 'pending'>): number {
  return report.pending.length === 0 ? DONE : LEFT_OUT;
}

/** Only digests and format count; queue files that were broken at the source already are told, but are no damage. */
export function verifyStatus(report: Pick<VerifyReport, 'ok'>): number {
  return report.ok ? DONE : DAMAGED;
}

/** Something is wrong still; a dry run mends nothing. */
export function repairStatus({ unrepaired }: Pick<RepairReport, 'unrepaired'>): number {
  return unrepaired === 0 ? DONE : LEFT_OUT;
}

/** What could not be released is missing, and so is what was asked for and is not on hold. */
export function releaseStatus(
  { failed, missing_ids, released }: Pick<ReleaseReport, 'failed' | 'missing_ids' | 'released'>,
  isSelective: boolean,
): number {
  return failed > 0 || missing_ids.length > 0 || (isSelective && released === 0) ? LEFT_OUT : DONE;
}
