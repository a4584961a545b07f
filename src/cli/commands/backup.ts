/** `postsnap backup`: a snapshot of a queue goes into a file or into a store. */

import { hostname } from 'node:os';
import { sep } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { BackupOptions, BackupReport } from '../../backup/options.ts';
import { ArchiveError, InterruptedError, OperatorError } from '../../errors.ts';
import { type KeptSnapshot, keepSnapshot, type TakenSnapshot } from '../../keep/keep-snapshot.ts';
import { isInterruption, whenFree } from '../../operation.ts';
import type { SelectionOptions } from '../../plan/criteria.ts';
import { parseKey } from '../../store/archive-name.ts';
import { isEmptyPolicy, type KeepRules } from '../../store/retention.ts';
import type { Draft, Store } from '../../store/store.ts';
import { archiveName, parseNewArchiveName, refuseTerminal } from '../options/archive-name.ts';
import {
  type CommonOptions,
  commandWithCommonOptions,
  installationOptions,
  isVerbose,
  waitOption,
} from '../options/common-options.ts';
import { compressionLevel, LEVEL_FLAG, LEVEL_HELP } from '../options/compression-level.ts';
import { refuseJsonOnStdout } from '../options/json-on-stdout.ts';
import { METRICS_FLAG, METRICS_HELP } from '../options/metrics-file.ts';
import { pingOption } from '../options/ping-url.ts';
import { RetentionReader } from '../options/retention.ts';
import { SelectionReader } from '../options/selection.ts';
import { StoreReader } from '../options/store.ts';
import { WORKERS_FLAG, WORKERS_HELP, workerCount } from '../options/worker-count.ts';
import { type BackupFacts, withMetrics } from '../output/backup-metrics.ts';
import { backupSummary } from '../output/backup-summary.ts';
import { isGiven } from '../output/selection-warnings.ts';
import { shellLine } from '../output/shell-words.ts';
import { faultLines } from '../output/verify-summary.ts';
import { refuseClosedOutput } from '../process/closed-stream.ts';
import type { Runner } from '../process/command-run.ts';
import { EVERY_INSTANCE } from '../process/every-instance.ts';
import { DAMAGED } from '../process/exit-status.ts';
import { backupStatus, takesNothing } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

type BackupCommandOptions = CommonOptions & {
  readonly level?: number;
  readonly workers?: number;
  /** Undefined: neither was asked for; into a store it is done. */
  readonly verify?: boolean;
  readonly metricsFile?: string;
};

/** What is asked for. */
interface Asked {
  readonly options: BackupCommandOptions;
  readonly selection: SelectionOptions;
  /** What is to be kept, of a store. */
  readonly rules: KeepRules | undefined;
  readonly facts: BackupFacts;
}

/** `postsnap backup ARCHIVE`, `postsnap backup --store STORE`. */
export function backupCommand(run: Runner): Command<[string | undefined, string[]], BackupCommandOptions> {
  const [reader, retention, chooser] = [new StoreReader(), new RetentionReader(), new SelectionReader()];
  const command = commandWithCommonOptions('backup')
    .description('take a snapshot of a queue, running or stopped')
    .argument('[archive]', 'the new file; - is stdout; none with --store')
    .argument('[queue-id...]', 'only these messages; - reads queue IDs from stdin')
    .option(LEVEL_FLAG, LEVEL_HELP, compressionLevel)
    .option(WORKERS_FLAG, WORKERS_HELP, workerCount)
    .option('--verify', 'read the archive back and check everything (into a store: always)')
    .option('--no-verify', 'into a store: neither read the archive back nor mark it as verified')
    .option(EVERY_INSTANCE, 'a backup of each Postfix instance that postmulti -l lists, one after the other')
    .option(METRICS_FLAG, METRICS_HELP);
  command.addOption(waitOption());
  command.addOption(pingOption());
  reader.addStoreTo(command);
  retention.addTo(command);
  // What will have left, nobody knows yet.
  chooser.addTo(command, ['states']);
  return command.action((archive, ids, options) => {
    const work = async (session: Session): Promise<number> => {
      const store = reader.optionalStore();
      const rules = retention.rules();
      checkWhereTo({ archive, store, rules, verify: options.verify });
      const selection = await chooser.read(ids, { session, isInputTaken: false });
      refusePart(selection, store);
      return withMetrics(options.metricsFile, session, (facts) =>
        store === undefined
          ? backUp(parseNewArchiveName(archive ?? ''), { options, selection, rules, facts }, session)
          : backUpInto(store, { options, selection, rules, facts }, session),
      );
    };
    return run(options, work, 'backup');
  });
}

/** One place for the archive, and rules only where there is something to be kept. */
function checkWhereTo({
  archive,
  store,
  rules,
  verify,
}: {
  readonly verify: boolean | undefined;
  readonly archive: string | undefined;
  readonly store: Store | undefined;
  readonly rules: KeepRules | undefined;
}): void {
  if (archive === undefined && store === undefined) {
    throw new OperatorError('usage', "missing required argument 'archive'", {
      nextStep: 'Name the new file, or a store with --store.',
    });
  }
  if (archive !== undefined && store !== undefined) {
    throw new OperatorError('usage', 'a snapshot goes into a file or into a store, not both', {
      nextStep: 'Leave out the one or the other.',
    });
  }
  if (verify === false && store === undefined) {
    throw new OperatorError('usage', '--no-verify is for a store: a file is verified only with --verify');
  }
  if (rules !== undefined && (store === undefined || isEmptyPolicy(rules))) {
    throw new OperatorError('usage', store === undefined ? 'only a store has rules' : 'the rules keep nothing', {
      nextStep: 'Name the store, and so many snapshots that are to be kept, or leave the rules out.',
    });
  }
}

/** The snapshots of a store stand for the queue: a part of it would count as the last good one. */
function refusePart(selection: SelectionOptions, store: Store | undefined): void {
  if (store !== undefined && isSelective(selection)) {
    throw new OperatorError('usage', 'a store keeps snapshots of whole queues, and not of chosen messages', {
      nextStep: 'Name a file for the archive, or choose by --queues alone.',
    });
  }
}

/** Queues alone are no selection that is missed where they are empty: a nightly backup names them. */
function isSelective({ only = {}, exclude = {} }: SelectionOptions): boolean {
  return [...Object.keys(only), ...Object.keys(exclude)].some((criterion) => criterion !== 'queues');
}

function libraryOptions({ options, selection }: Asked, session: Session): Omit<BackupOptions, 'archive'> {
  return {
    ...installationOptions(options, session.environment['MAIL_CONFIG']),
    ...(isGiven(selection) ? { selection } : {}),
    ...(options.level === undefined ? {} : { level: options.level }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  };
}

async function backUp(archive: ArchiveLocation, asked: Asked, session: Session): Promise<number> {
  const { options, selection, facts } = asked;
  checkOutput(archive, options);
  refuseTerminal(archive, 'stdout', session);
  if (archive.kind === 'stream') {
    refuseClosedOutput();
  }
  const { backup } = await import('../../backup/backup.ts');
  const verified = options.verify === true;
  const prove = verified ? (path: string) => proveDraft(archive, path, session) : undefined;
  const report = await backup({ archive, prove, ...libraryOptions(asked, session) }, session);
  await facts.took(report, session);
  facts.proved(verified ? true : undefined);
  tellUnreadable(report, session);
  tellSelection(report, selection, session);
  const json = options.json === true ? report : undefined;
  const stream = archiveName(archive, 'stdout');
  tellReport(report, { json, verified, removed: 0, verbose: isVerbose(options), stream }, session);
  return backupStatus(report, isSelective(selection));
}

interface Taken extends TakenSnapshot {
  readonly report: BackupReport;
}

async function backUpInto(store: Store, asked: Asked, session: Session): Promise<number> {
  const { options } = asked;
  if ((await store.prepare()) === 'created') {
    session.warn(`there was no store ${store.name}: it was made. Is the disk mounted that it should be on?`);
  }
  const free = await whenFree(session, () => store.occupy(occupied(options, session)));
  try {
    return await keep(store, asked, session);
  } finally {
    free();
  }
}

/** One backup of a queue at a time: of this machine, by what names the queue. */
function occupied(options: BackupCommandOptions, session: Session): string {
  const { configDirectory, queueDirectory } = installationOptions(options, session.environment['MAIL_CONFIG']);
  return JSON.stringify([hostname(), configDirectory ?? null, queueDirectory ?? null]);
}

async function keep(store: Store, asked: Asked, session: Session): Promise<number> {
  const { options, rules, facts } = asked;
  const prove = (path: string) => proveStored(path, store, session);
  const kept = await keepSnapshot({
    store,
    take: async (draft) => takeInto(draft, asked, session),
    prove: options.verify === false ? undefined : prove,
    rules,
    clock: Date.now,
  });
  facts.proved(kept.proven);
  const report = { ...kept.taken.report, archive: kept.path };
  const { removed, json } = await keptJson(store, kept, report);
  await facts.kept(store, kept.taken);
  const asJson = options.json === true ? json : undefined;
  tellReport(report, { json: asJson, verified: kept.proven === true, removed, verbose: isVerbose(options) }, session);
  return kept.proven === false ? DAMAGED : backupStatus(report);
}

async function takeInto({ fd, directory, path }: Draft, asked: Asked, session: Session): Promise<Taken> {
  const { backup } = await import('../../backup/backup.ts');
  const { info } = await import('../../inspect/info.ts');
  const archive = { kind: 'draft', fd, directory, path } as const;
  const report = await backup({ archive, ...libraryOptions(asked, session) }, session);
  await asked.facts.took({ ...report, archive: path }, session);
  tellUnreadable(report, session);
  const { myhostname, instance, messages } = await info({ archive: path }, session);
  // Without Postfix and without a name given for it, the queue is this machine's, as far as anybody knows.
  const host = myhostname === '' ? hostname() : myhostname;
  return { report, host, instance, messages, snapshotId: report.snapshot_id, started: report.started };
}

/** backup's JSON, with what became of the store. */
async function keptJson(
  store: Store,
  { pruned, proven }: KeptSnapshot<Taken>,
  report: BackupReport,
): Promise<{ readonly removed: number; readonly json: object }> {
  const gone = (pruned?.verdicts ?? []).filter(({ keptBy }) => keptBy.length === 0);
  const removed = await Promise.all(gone.map(({ snapshot }) => store.fileOf(snapshot.key)));
  return { removed: removed.length, json: { ...report, verified: proven ?? null, removed } };
}

/** stdout can carry the archive or the JSON, not both; and what went there can't be read back. */
function checkOutput(archive: ArchiveLocation, options: BackupCommandOptions): void {
  if (archive.kind === 'file') {
    return;
  }
  if (archive.kind === 'stream') {
    refuseJsonOnStdout(options);
  }
  if (options.verify === true) {
    throw new OperatorError(
      'usage',
      `--verify can't be had when the archive goes to ${archiveName(archive, 'stdout')}`,
      {
        nextStep: 'Name a file for the archive, or leave --verify out.',
      },
    );
  }
}

/** Before the archive has its name: one that can't be read back never gets it. */
async function proveDraft(archive: ArchiveLocation, path: string, session: Session): Promise<void> {
  if (!(await isWhole(path, session))) {
    const name = archiveName(archive, 'stdout');
    throw new ArchiveError('damaged', `${name}: what was written can't be read back whole, and was removed.`, {
      nextStep: 'Look after the disk and the memory of this machine, then give the same command again.',
    });
  }
}

/** Reads what was written back; what is wrong with it is told. */
async function isWhole(path: string, session: Session): Promise<boolean> {
  const { verify } = await import('../../inspect/verify.ts');
  const report = await verify({ archive: path }, session);
  for (const line of faultLines(report)) {
    session.warn(line);
  }
  return report.ok;
}

/** A snapshot in a store has its name by now, and no mark. */
async function proveStored(path: string, store: Store, session: Session): Promise<boolean> {
  const whole = await isWhole(path, session).catch((error: unknown) => {
    throw isInterruption(error) ? unverified(path, store) : error;
  });
  if (!whole) {
    session.fail(
      `${archiveName({ kind: 'file', path }, 'stdout')}: what was written can't be read back. Don't rely on this archive.`,
    );
  }
  return whole;
}

/** The snapshot is there, whatever becomes of its proof. */
function unverified(path: string, store: Store): InterruptedError {
  const { shortId = 'latest' } = parseKey(path.split(sep).slice(-2).join('/'))?.of ?? {};
  const command = shellLine(['postsnap', 'verify', '--store', store.name, '--snapshot', shortId]);
  return new InterruptedError(`interrupted: the snapshot is in the store, and is not verified. \`${command}\` does it`);
}

function tellUnreadable(report: BackupReport, session: Session): void {
  if (report.unreadable.some(({ queue_name }) => queue_name === 'postsnap')) {
    session.warn(
      `\`${session.commands.postsnap('status')}\` tells what waits, \`${session.commands.postsnap('restore', '--finish')}\` puts it into the queue`,
    );
  }
  for (const { queue_name, queue_id, reason } of report.unreadable) {
    session.warn(`${queue_name}/${queue_id}: not in the archive: ${reason}`);
  }
  if (!report.settled) {
    session.warn('the queue did not settle: mail that moved may be missing. Take another backup.');
  }
}

function tellSelection(report: BackupReport, selection: SelectionOptions, session: Session): void {
  for (const id of report.missing_ids) {
    session.warn(`${id}: no such message in the queue`);
  }
  if (isSelective(selection) && takesNothing(report)) {
    session.warn('none of the messages in the queue was selected: the archive is empty');
  }
}

interface Told {
  /** What is written in place of the summary. */
  readonly json: object | undefined;
  readonly verified: boolean;
  /** Snapshots that retention removed. */
  readonly removed: number;
  readonly verbose: boolean;
  /** Where an archive without a name goes. */
  readonly stream?: string;
}

/** With the archive on stdout, the summary is for people alone. */
function tellReport(report: BackupReport, { json, ...told }: Told, session: Session): void {
  const { snapshot_id, archive, messages, left, unreadable, bytes } = report;
  session.summarize({ snapshot: snapshot_id, archive, messages, left, unreadable: unreadable.length, bytes });
  if (json !== undefined) {
    session.tell(`${JSON.stringify(json)}\n`);
  } else if (report.archive === null) {
    session.show(backupSummary(report, told));
  } else {
    session.tell(backupSummary(report, told));
  }
}
