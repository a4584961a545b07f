/** `cat --all`: the messages of an archive as files (RFC 5322), one each, for people and other programs. */

import { dirname, join } from 'node:path';
import type { ArchivedFile, ArchiveReader, FrameRun } from '../archive/archive-reader.ts';
import { cataloguedEntries, checkMetadata } from '../archive/entry-proof.ts';
import { openArchiveFile } from '../archive/open-archive.ts';
import { withProvenContent } from '../archive/proven-content.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import { clockAndChanceOf } from '../clock-and-chance.ts';
import { ArchiveError, OperatorError } from '../errors.ts';
import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import { refuseWithin } from '../fs/directories-above.ts';
import { createNewFile } from '../fs/new-file.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { systemError } from '../fs/system-error.ts';
import type { OperationControl } from '../operation.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import { compileSelection, type Selection } from '../plan/selection.ts';
import { QUEUE_DIRECTORY } from '../queue/queue-name.ts';
import { messageContent } from '../record/content.ts';
import { pause } from './pause.ts';
import type { FaultyFile } from './verify-run.ts';

export interface ExportOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
  /** Where the files go; it is made if it is not there. */
  readonly directory: string;
  /** Only these. What left during the snapshot only where it is asked for, by its state or its ID. */
  readonly selection?: SelectionOptions;
  /** The moment that ages are counted from; now when absent. */
  readonly now?: Date;
}

/** A file that was in the directory before. */
export interface ExistingFile {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly path: string;
}

export interface ExportReport {
  readonly directory: string;
  /** Messages that are files now. */
  readonly written: number;
  /** Messages that are not, since there was such a file. */
  readonly existing: readonly ExistingFile[];
  readonly damaged: readonly FaultyFile[];
  /** Written, existing and damaged. */
  readonly selected: number;
  readonly missing_ids: readonly string[];
  readonly unsearched_recipients: boolean;
}

/**
 * Writes each message that is selected into a file `QUEUE_NAME-QUEUE_ID.eml` of mode 0600, its lines ended by a line feed.
 * A file has its name only when it is whole, and none is replaced.
 *
 * @throws ArchiveError: the archive is not complete, hostile or of an unknown version, or its catalogue is damaged.
 * @throws OperatorError `not-found`; `output-exists`: the directory is none, or can't be made; `usage`.
 * @throws SystemError: reading or writing failed.
 * @throws InterruptedError: by the control's signal.
 */
export async function exportMessages(options: ExportOptions, control: OperationControl = {}): Promise<ExportReport> {
  const { directory } = options;
  const selection = await compileSelection(
    queuedOnly(options.selection ?? {}),
    (options.now ?? clockAndChanceOf(control).now()).getTime() / 1000,
  );
  const archive = await openArchiveFile(archiveLocation(options.archive), control);
  try {
    makeDirectory(directory);
    const total = archive.seal.messages + archive.seal.left;
    const result: Result = { written: 0, existing: [], damaged: [] };
    let done = 0;
    for (const run of archive.runs()) {
      exportRun({ archive, directory, selection, result }, run);
      done += run.lines.filter(({ kind }) => kind === 'message').length;
      control.onEvent?.({ kind: 'progress', phase: 'writing', done, total, unit: 'messages' });
      await pause(control.signal);
    }
    const selected = result.written + result.existing.length + result.damaged.length;
    const unsearched_recipients = selection.isUnsure;
    return { directory, ...result, selected, missing_ids: selection.missingIds(), unsearched_recipients };
  } finally {
    archive.close();
  }
}

interface Result {
  written: number;
  readonly existing: ExistingFile[];
  readonly damaged: FaultyFile[];
}

interface Work {
  readonly archive: Pick<ArchiveReader, 'entries'>;
  readonly directory: string;
  readonly selection: Selection;
  readonly result: Result;
}

function queuedOnly({ only = {}, exclude = {} }: SelectionOptions): SelectionOptions {
  const isAsked = only.states !== undefined || only.ids !== undefined;
  return { only: isAsked ? only : { ...only, states: ['queued'] }, exclude };
}

function makeDirectory(path: string): void {
  const fs = nodeFileSystem;
  try {
    const isNew = fs.lstat(path) === undefined;
    refuseWithin(fs, isNew ? dirname(path) : path, QUEUE_DIRECTORY);
    if (isNew) {
      fs.mkdir(path, 0o700);
    }
  } catch (error) {
    throw systemError(error, { action: "can't make", path });
  }
  if (fs.lstat(join(path, '.'))?.type !== 'directory') {
    throw new OperatorError('output-exists', `${path} is no directory`, { path });
  }
}

/** Frames that hold nothing that is selected are not read. */
function exportRun(work: Work, run: FrameRun): void {
  const selected = run.lines.map((line) => (line.kind === 'message' && work.selection.has(line) ? line : undefined));
  if (selected.every((line) => line === undefined)) {
    return;
  }
  let passed = 0;
  try {
    for (const { file, at } of cataloguedEntries(work.archive.entries(run), run.lines)) {
      const line = selected[at];
      if (line !== undefined) {
        exportMessage(work, line, file);
      }
      passed = at + 1;
    }
  } catch (error) {
    const { message } = asDamage(error);
    work.result.damaged.push(
      ...selected.slice(passed).flatMap((line) => (line === undefined ? [] : [faulty(line, message)])),
    );
  }
}

function exportMessage({ directory, result }: Work, line: MessageLine, file: ArchivedFile): void {
  const path = join(directory, fileName(line));
  try {
    withProvenContent(nodeFileSystem, file, (source) => {
      checkMetadata(line, file);
      writeNew(path, messageContent(source));
    });
    result.written += 1;
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'output-exists' && nodeFileSystem.lstat(path) !== undefined) {
      result.existing.push({ queue_name: line.queue_name, queue_id: line.queue_id, path });
    } else {
      result.damaged.push(faulty(line, asDamage(error).message));
    }
  }
}

/** Queue IDs are letters and digits; one that left may have the name of one that came after it. */
function fileName({ queue_name, queue_id, state }: MessageLine): string {
  return `${queue_name}-${queue_id}${state === 'left' ? '-left' : ''}.eml`;
}

function writeNew(path: string, pieces: Iterable<Uint8Array>): void {
  const file = createNewFile(nodeFileSystem, path);
  try {
    for (const piece of pieces) {
      file.write(piece);
    }
    file.publish();
  } finally {
    file.discard();
  }
}

function asDamage(error: unknown): ArchiveError {
  if (error instanceof ArchiveError) {
    return error;
  }
  throw error;
}

function faulty({ queue_name, queue_id }: CatalogueLine, reason: string): FaultyFile {
  return { queue_name, queue_id, reason };
}
