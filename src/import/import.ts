/**
 * `import`: a tar of a queue becomes an archive, which all commands take. The tar is read twice: once to see what it
 * holds and to put its logs by, once to take the messages, with their logs behind them; and once between the two if it
 * holds a message at several places. Memory does not grow with the mail, but by some numbers for each message.
 */

import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { type BackupOutput, openOutput } from '../archive/archive-output.ts';
import { ArchiveWriter } from '../archive/archive-writer.ts';
import { FramePacker } from '../archive/frame-packer.ts';
import { nameOf, openArchiveSource } from '../archive/open-archive.ts';
import { packageVersion } from '../archive/version.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import { clockAndChanceOf, randomNames } from '../clock-and-chance.ts';
import { ArchiveError, OperatorError } from '../errors.ts';
import type { Header } from '../format/header.ts';
import { FORMAT_VERSION } from '../format/limits.ts';
import type { Seal } from '../format/seal.ts';
import { refuseWithin } from '../fs/directories-above.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { openUnnamedFile } from '../fs/unnamed-file.ts';
import { leftAs, type OperationControl } from '../operation.ts';
import { compileSelection, type Selection } from '../plan/selection.ts';
import { QUEUE_DIRECTORY } from '../queue/queue-name.ts';
import { chooseAmong } from './choose.ts';
import type { ContentRoom } from './held-content.ts';
import { HeldLogs } from './held-logs.ts';
import type { ImportOptions, ImportReport, SkippedEntry } from './options.ts';
import { TarSurvey } from './survey.ts';
import { type Taken, takeMessages } from './take-messages.ts';
import type { TarEntry } from './tar-entries.ts';
import { normalName } from './tar-name.ts';
import { TarReadings } from './tar-readings.ts';

const DEFAULT_LEVEL = 3;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const MILLISECONDS = 1000;
/** The first entry of an archive: formatEntryName(). */
const ARCHIVE_BEGINNING = 'postsnap.json';

/** What all steps of an import share. */
interface ImportRun {
  readonly options: ImportOptions;
  readonly control: OperationControl;
  readonly tarName: string;
  readonly logs: HeldLogs;
  readonly room: ContentRoom;
  /** Another reading of the tar, from its beginning. */
  readonly entries: () => AsyncGenerator<TarEntry, void, undefined>;
}

/**
 * Makes an archive of a tar of a queue: of a whole queue directory or a part of it, under whatever directory, plain or
 * packed by gzip or zstd.
 *
 * @throws ArchiveError: the tar is damaged or cut off, or holds no queue: no archive was written
 * @throws OperatorError `not-found`, `output-exists`; `usage`: it holds several queue directories, or a pattern is none
 * @throws SystemError: no archive was written
 * @throws InterruptedError: no archive was written
 */
export function importTar(options: ImportOptions, control: OperationControl = {}): Promise<ImportReport> {
  return leftAs('no-archive', () => importOpened(options, control));
}

async function importOpened(options: ImportOptions, control: OperationControl): Promise<ImportReport> {
  const fs = nodeFileSystem;
  const location = archiveLocation(options.archive);
  const randomName = randomNames(clockAndChanceOf(control));
  const directory = location.kind === 'file' ? dirname(location.path) : tmpdir();
  const openUnnamed = (): number => openUnnamedFile(fs, directory, randomName);
  const tar = archiveLocation(options.tar);
  const source = await openArchiveSource(tar, { ...control, what: 'tar' });
  try {
    if (location.kind === 'file') {
      refuseWithin(fs, dirname(location.path), QUEUE_DIRECTORY);
    }
    const output = await openOutput(fs, location, { randomName, control });
    const logsFd = openUnnamed();
    try {
      const room: ContentRoom = { fs, openUnnamed };
      const readings = new TarReadings({ name: nameOf(tar), source, control });
      const run: ImportRun = {
        options,
        control,
        tarName: nameOf(tar),
        logs: new HeldLogs(fs, logsFd),
        room,
        entries: () => readings.entries(),
      };
      return await importInto(run, output, location);
    } finally {
      fs.close(logsFd);
      output.close();
    }
  } finally {
    source.close();
  }
}

async function importInto(run: ImportRun, output: BackupOutput, location: ArchiveLocation): Promise<ImportReport> {
  const { room, logs, options, control } = run;
  const codec = await loadCodec();
  const selection = await compileSelection(
    options.selection ?? {},
    clockAndChanceOf(control).now().getTime() / MILLISECONDS,
  );
  const survey = await surveyTar(run);
  const root = chooseRoot(run, survey);
  const choice = await chooseAmong(survey, run.entries, room);
  const header = headerOf(survey, {
    root,
    hostname: options.hostname ?? '',
    snapshotId: clockAndChanceOf(control).uuid(),
  });
  const writer = new ArchiveWriter({ output, codec, header, fs: room.fs, draftFd: output.draftFd });
  const emit = (frame: Parameters<typeof writer.append>[0]): void => void writer.append(frame);
  const level = options.level ?? DEFAULT_LEVEL;
  const packer = new FramePacker({ codec, level, snapshotId: header.snapshot_id, emit });
  const skipped: SkippedEntry[] = [...survey.skipped];
  const taken = await takeMessages(run.entries(), {
    survey,
    choice,
    logs,
    packer,
    room,
    root,
    selection,
    onSkipped: ({ name }, reason, missing) => skipped.push({ name, reason, missing }),
  });
  if (taken.modesLost > 0) {
    const message = `${taken.modesLost} queue files have modes that Postfix would pass over, lost in copying perhaps: taken all the same`;
    control.onEvent?.({ kind: 'warning', message });
  }
  const seal = writer.finish({
    outcome: {
      finished: clockAndChanceOf(control).now().toISOString(),
      settled: true,
      passes: 1,
      incomplete: taken.incomplete,
      unreadable: skipped.filter(({ missing }) => missing).length,
    },
    stateOf: () => 'queued',
  });
  output.publish();
  return reportOf({ header, seal, skipped, survey, taken, selection, archiveBytes: output.bytesWritten, location });
}

async function surveyTar({ options, logs, entries, tarName, control }: ImportRun): Promise<TarSurvey> {
  const survey = new TarSurvey({
    logs,
    root: options.directory === undefined ? undefined : normalName(options.directory),
    nowNs: BigInt(clockAndChanceOf(control).now().getTime()) * NANOSECONDS_PER_MILLISECOND,
  });
  let number = 0;
  for await (const entry of entries()) {
    if (number === 0 && entry.name === ARCHIVE_BEGINNING) {
      throw new ArchiveError('foreign', `${tarName} is an archive of postsnap already`, {
        nextStep: 'All commands take it as it is.',
      });
    }
    await survey.add(entry, number);
    number += 1;
  }
  return survey;
}

/**
 * @throws ArchiveError `foreign`: there is no queue directory
 * @throws OperatorError `usage`: there are several, and it can't be told which is meant
 */
function chooseRoot({ tarName, options }: ImportRun, survey: TarSurvey): string {
  const roots = [...survey.roots.keys()];
  if (roots.length > 1) {
    const names = roots.map((root) => (root === '' ? '.' : root)).join(', ');
    throw new OperatorError('usage', `${tarName} holds several queue directories: ${names}`, {
      remedy: 'choose-directory',
    });
  }
  const [root] = roots;
  if (root === undefined && (options.directory !== undefined || !survey.hasQueueDirectory)) {
    const where = options.directory === undefined ? '' : ` in ${options.directory}`;
    throw new ArchiveError('foreign', `${tarName} holds no queue of Postfix${where}`, {
      nextStep: 'Take a tar of the queue directory, or of some of the queues in it.',
    });
  }
  return root ?? '';
}

interface HeaderFacts {
  readonly root: string;
  readonly hostname: string;
  readonly snapshotId: string;
}

function headerOf(survey: TarSurvey, { root, hostname, snapshotId }: HeaderFacts): Header {
  return {
    format: FORMAT_VERSION,
    source: 'tar',
    snapshot_id: snapshotId,
    started: new Date(Number(survey.latestNs / NANOSECONDS_PER_MILLISECOND)).toISOString(),
    myhostname: hostname,
    instance: '-',
    mail_version: '',
    queue_directory: root,
    parameters: { enable_long_queue_ids: survey.hasLongIds ? 'yes' : 'no' },
    postsnap_version: packageVersion(),
  };
}

interface Finished {
  readonly header: Header;
  readonly seal: Seal;
  readonly skipped: readonly SkippedEntry[];
  readonly survey: TarSurvey;
  readonly taken: Taken;
  readonly selection: Selection;
  readonly archiveBytes: number;
  readonly location: ArchiveLocation;
}

function reportOf(finished: Finished): ImportReport {
  const { header, seal, skipped, survey, taken, selection, archiveBytes, location } = finished;
  return {
    archive: location.kind === 'file' ? location.path : null,
    source: 'tar',
    snapshot_id: header.snapshot_id,
    started: header.started,
    finished: seal.finished,
    messages: seal.messages,
    left: seal.left,
    logs: seal.logs,
    incomplete: seal.incomplete,
    unreadable: [],
    by_queue: seal.by_queue,
    bytes: seal.bytes,
    archive_bytes: archiveBytes,
    passes: seal.passes,
    settled: seal.settled,
    malformed: seal.malformed,
    skipped,
    not_selected: taken.notSelected,
    missing_ids: selection.missingIds(),
    unsearched_recipients: selection.isUnsure,
    passed_over: survey.passedOver,
  };
}
