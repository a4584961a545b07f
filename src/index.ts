/**
 * postsnap as a library: each operation takes its options and a control (a signal to stop it, a listener for what it
 * tells), and resolves to a report. None of them prints, reads the environment or ends the process.
 *
 * @packageDocumentation
 */

export type { ArchiveLocation } from './archive-location.ts';
export { backup } from './backup/backup.ts';
export type { BackupOptions, BackupReport, RoundReport, UnreadableFile } from './backup/options.ts';
export type {
  ArchiveErrorCode,
  BusyErrorCode,
  OperatorErrorCode,
  SystemErrorCode,
} from './errors.ts';
export { ArchiveError, BusyError, InterruptedError, OperatorError, PostsnapError, SystemError } from './errors.ts';
export type { QueueTotals } from './format/seal.ts';
export { importTar } from './import/import.ts';
export type { ImportOptions, ImportReport, SkippedEntry } from './import/options.ts';
export type { CatMatch, CatOptions, CatReport } from './inspect/cat.ts';
export { cat } from './inspect/cat.ts';
export type { Difference, DiffOptions, DiffReport } from './inspect/diff.ts';
export { diff } from './inspect/diff.ts';
export type { ExistingFile, ExportOptions, ExportReport } from './inspect/export.ts';
export { exportMessages } from './inspect/export.ts';
export type { InfoOptions, InfoReport } from './inspect/info.ts';
export { info } from './inspect/info.ts';
export type { ListedMessage, ListedRecipient, ListedSnapshot, ListOptions, ListReport } from './inspect/list.ts';
export { list } from './inspect/list.ts';
export type { MessageChange } from './inspect/message-changes.ts';
export type { ShapeReason, ShapeRow } from './inspect/queue-shape.ts';
export type { ShapeReport } from './inspect/shape.ts';
export { shape } from './inspect/shape.ts';
export type { SortKey } from './inspect/sort-key.ts';
export type { VerifyOptions, VerifyReport } from './inspect/verify.ts';
export { verify } from './inspect/verify.ts';
export type { FaultyFile } from './inspect/verify-run.ts';
export type { OperationControl, OperationEvent, OperationProgress, OperationWarning } from './operation.ts';
export type { Criteria, CriterionName, SelectionOptions } from './plan/criteria.ts';
export type { RestoreAction } from './plan/decision.ts';
export type { RestoreRoute } from './plan/destination.ts';
export type { Finding, FindingCode, FindingExample, FindingSeverity } from './plan/finding.ts';
export type { Reason, ReasonCode } from './plan/reason.ts';
export type { LogQueueName, MessageQueueName, QueueName } from './queue/queue-name.ts';
export type { ReleaseMapping, ReleaseOptions, ReleaseReport } from './release/options.ts';
export { release } from './release/release.ts';
export type {
  Finding as RepairFinding,
  FindingCode as RepairFindingCode,
  RepairAction,
  RepairPart,
} from './repair/finding.ts';
export type { RepairOptions, RepairOutcome, RepairReport } from './repair/options.ts';
export { repair } from './repair/repair.ts';
export type {
  MessageMapping,
  RestoredArchive,
  RestoreOptions,
  RestoreOutset,
  RestoreReport,
  RestoreTarget,
} from './restore/options.ts';
export { restore } from './restore/restore.ts';
export type { StatusReport, UnfinishedOptions } from './restore/unfinished.ts';
export { abandonRestores, finishRestores, status } from './restore/unfinished.ts';
export type { UnfinishedReport, UnfinishedRestore } from './restore/unfinished-work.ts';
