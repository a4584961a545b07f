/** The messages of an archive, one by one, as postqueue(1) would list them. */

import { nameOf, openArchiveFile } from '../archive/open-archive.ts';
import { namedError } from '../archive/open-failure.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import { clockAndChanceOf } from '../clock-and-chance.ts';
import type { CatalogueRecipient, MessageLine } from '../format/catalogue-line.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import type { OperationControl } from '../operation.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import { compileSelection } from '../plan/selection.ts';
import { type InfoReport, infoOf, type ListedSnapshot } from './info.ts';
import { LineSorter } from './line-sorter.ts';
import { pause } from './pause.ts';
import type { SortKey } from './sort-key.ts';

export type { ListedSnapshot };

/** A message of an archive, as the catalogue has it: what `postqueue -j` tells of a message, and more. */
export type ListedMessage = MessageLine;

/** A recipient that is still to do, or that a log tells of, with the reason from the log. */
export type ListedRecipient = CatalogueRecipient;

export interface ListOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
  /** Told first, once. */
  readonly onSnapshot?: (snapshot: ListedSnapshot) => void;
  /** Told as `info` tells it, before any message: of what comes from standard input it can't be asked again. */
  readonly onInfo?: (info: InfoReport) => void;
  /** Only these; all when absent. */
  readonly selection?: SelectionOptions;
  /** The moment that ages are counted from; now when absent. */
  readonly now?: Date;
  /** The order; that of the archive when absent. */
  readonly sort?: SortKey;
  /** Told for each message. */
  readonly onMessage?: (message: ListedMessage) => void;
}

export interface ListReport {
  readonly snapshot_id: string;
  /** Messages that were in the queue when the snapshot was complete. */
  readonly messages: number;
  /** Messages that left the queue while it was taken. */
  readonly left: number;
  /** Messages of both kinds that `onMessage` was told of. */
  readonly selected: number;
  /** Queue IDs that were named, and that no message of the archive has. */
  readonly missing_ids: readonly string[];
  /** Recipients were asked for, and some message has more than the catalogue has room for: those were not searched. */
  readonly unsearched_recipients: boolean;
}

/** How often an operation lets signals through. */
const LINES_BETWEEN_PAUSES = 1000;

/**
 * Lists an archive's messages from its catalogue alone: the time does not grow with the size of the messages, and one
 * part of the catalogue is in memory at a time. Sorted, the messages that were selected stand in a temporary file, and
 * their keys in memory.
 *
 * @throws ArchiveError: the archive is damaged, not complete, hostile or of an unknown version.
 * @throws OperatorError `not-found`: there is no such archive; `usage`: the selection is not of its form.
 * @throws SystemError: it can't be read.
 * @throws InterruptedError: by the control's signal.
 */
export async function list(options: ListOptions, control: OperationControl = {}): Promise<ListReport> {
  const selection = await compileSelection(
    options.selection ?? {},
    (options.now ?? clockAndChanceOf(control).now()).getTime() / 1000,
  );
  const location = archiveLocation(options.archive);
  const archive = await openArchiveFile(location, control);
  const sorter = options.sort === undefined ? undefined : new LineSorter(nodeFileSystem, options.sort);
  try {
    const { header, seal } = archive;
    options.onSnapshot?.(header);
    options.onInfo?.(infoOf(archive));
    let selected = 0;
    await eachOf(archive.catalogue(), control, (line) => {
      if (line.kind === 'message' && selection.has(line)) {
        selected += 1;
        sorter?.add(line);
        (sorter === undefined ? options.onMessage : undefined)?.(line);
      }
    });
    if (sorter !== undefined) {
      await eachOf(sorter.sorted(), control, (line) => options.onMessage?.(line));
    }
    return {
      snapshot_id: header.snapshot_id,
      messages: seal.messages,
      left: seal.left,
      selected,
      missing_ids: selection.missingIds(),
      unsearched_recipients: selection.isUnsure,
    };
  } catch (error) {
    throw namedError(error, nameOf(location));
  } finally {
    sorter?.close();
    archive.close();
  }
}

async function eachOf<Line>(
  lines: Iterable<Line>,
  { signal }: OperationControl,
  use: (line: Line) => void,
): Promise<void> {
  let count = 0;
  for (const line of lines) {
    use(line);
    count += 1;
    if (count % LINES_BETWEEN_PAUSES === 0) {
      await pause(signal);
    }
  }
}
