/**
 * Staging, one run of frames at a time: every wanted file is unpacked, written where Postfix does not look, and proven.
 * It runs in workers: what it takes and gives is plain data.
 */

import { join } from 'node:path';
import type { ArchivedFile, FrameRun } from '../archive/archive-reader.ts';
import { cataloguedEntries, checkMetadata, examineEntry, type ProvenLine } from '../archive/entry-proof.ts';
import { withProvenContent } from '../archive/proven-content.ts';
import { type ByteSource, bytesSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { markStagedFile, type StagedFile, writeStagedFile } from '../journal/staged-file.ts';
import { isOf, type LoggedRecipient, type PrintedRecipient } from '../mail-log/logged-message.ts';
import { isChecked } from '../plan/destination.ts';
import type { LogQueueName, MessageQueueName } from '../queue/queue-name.ts';
import { DONE_MARK, marksOf } from '../record/done-recipients.ts';
import type { Recipient } from '../record/envelope.ts';
import type { ExaminationLimits, QueueFileExamination } from '../record/examine.ts';
import { printableAddress, printableOriginal } from '../record/printable-address.ts';
import { describeFault } from '../record/record-fault.ts';

/** What is to be staged of one entry. */
export interface StageItem {
  /** The message's number in this restore; its logs have the same. */
  readonly index: number;
  readonly kind: 'message' | LogQueueName;
  /** Where the message goes: what its records must be fit for. */
  readonly destination: MessageQueueName;
  readonly mtimeNs: bigint;
  /** Recipients that are marked done, once the content is proven. */
  readonly done?: readonly LoggedRecipient[];
}

/** The frames of a run, and what is to be in them. */
export interface StageRun extends Pick<FrameRun, 'frames'> {
  readonly lines: readonly ProvenLine[];
}

/** Plain data: it goes to a worker. */
export interface StageJob {
  readonly run: StageRun;
  /** One for each line of the run; undefined where the entry is not wanted. */
  readonly items: readonly (StageItem | undefined)[];
  /** Absolute; absent for a dry run, which proves everything and writes nothing. */
  readonly stagingDirectory?: string;
  /** The time of the restore: what has no time of its own to keep gets this one. */
  readonly nowNs: bigint;
}

export type StageOutcome =
  | { readonly kind: 'staged'; readonly file: StagedFile }
  /** The bytes are those of the source, but Postfix would choke on them. */
  | { readonly kind: 'malformed'; readonly faults: readonly string[] }
  /** The archive is damaged here. */
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'unwanted' };

/** What stages: the same for all jobs. */
export interface Stager {
  readonly fs: FileSystem;
  /** Reads entries out of frames. */
  readonly reader: { entries(run: Pick<FrameRun, 'frames'>): Iterable<ArchivedFile> };
  /** What the target's pickup(8) takes. */
  readonly limits: ExaminationLimits;
}

interface StageContext extends Stager, Pick<StageJob, 'stagingDirectory' | 'nowNs'> {}

/**
 * Stages the wanted entries of a run, and proves all. What can't be read for damage is damaged with it.
 *
 * @throws ArchiveError `damaged`: the entries that the lines name are all right, but something stands behind them.
 */
export function stageRun(stager: Stager, { run, items, ...where }: StageJob): StageOutcome[] {
  const context: StageContext = { ...stager, ...where };
  const outcomes: StageOutcome[] = [];
  try {
    for (const { file, at } of cataloguedEntries(stager.reader.entries(run), run.lines)) {
      const [line, item] = [run.lines[at], items[at]];
      if (line !== undefined) {
        outcomes.push(
          outcomeOf(() => (item === undefined ? prove(line, file) : stageEntry(context, { line, item }, file))),
        );
      }
    }
    return outcomes;
  } catch (error) {
    if (!(error instanceof ArchiveError)) {
      throw error;
    }
    if (outcomes.length === run.lines.length) {
      throw damageBehind(run, error);
    }
    return [...outcomes, ...missing(run, outcomes.length, error.message)];
  }
}

/** No line is left to hang the damage on: it is the archive's. */
function damageBehind({ lines }: StageRun, { message }: ArchiveError): ArchiveError {
  const last = lines.at(-1);
  const where = last === undefined ? '' : ` behind ${last.queue_name}/${last.queue_id}`;
  return new ArchiveError(
    'damaged',
    `the archive is damaged${where}: ${message.replace(/\.$/u, '')}. Nothing was put into the queue.`,
    {
      remedy: 'salvage',
    },
  );
}

/** Damage of one entry is an outcome, not an error: who restores decides what it means. */
function outcomeOf(work: () => StageOutcome): StageOutcome {
  try {
    return work();
  } catch (error) {
    if (error instanceof ArchiveError) {
      return { kind: 'damaged', reason: error.message };
    }
    throw error;
  }
}

function missing(run: StageRun, from: number, reason: string): StageOutcome[] {
  return run.lines.slice(from).map(() => ({ kind: 'damaged', reason }));
}

/**
 * Stages one entry.
 *
 * @throws ArchiveError `damaged`
 */
function stageEntry(
  context: StageContext,
  { line, item }: { readonly line: ProvenLine; readonly item: StageItem },
  file: ArchivedFile,
): StageOutcome {
  checkMetadata(line, file);
  const { stagingDirectory } = context;
  if (stagingDirectory === undefined) {
    return rehearseEntry(context, { line, item }, file);
  }
  const content = new SinglePiece(file.pieces());
  const staged = writeStagedFile(context.fs, { ...item, stagingDirectory, nowNs: context.nowNs }, content.pieces());
  const outcome = outcomeOf(() => judge({ ...context, stagingDirectory }, { line, item, staged }, content.single()));
  if (outcome.kind !== 'staged') {
    safeUnlink(context.fs, join(stagingDirectory, staged.staged));
  }
  return outcome;
}

/**
 * Judges an entry as staging it would, and writes nothing into the queue.
 *
 * @throws ArchiveError `damaged`
 */
function rehearseEntry(
  context: StageContext,
  { line, item }: { readonly line: ProvenLine; readonly item: StageItem },
  file: ArchivedFile,
): StageOutcome {
  if (line.kind === 'log') {
    proveOnly(file.pieces());
    return REHEARSED;
  }
  return withProvenContent(context.fs, file, (source) => {
    const outcome = judgeRecords(context, { line, item, staged: REHEARSED.file }, source);
    return outcome.kind === 'staged' ? REHEARSED : outcome;
  });
}

/** One for all: what a thread tells many times costs it once. */
const REHEARSED = { kind: 'staged', file: { staged: '', inode: 0n, size: 0 } } as const;
const UNWANTED = { kind: 'unwanted' } as const;

/** Nobody wants it, but an archive that is damaged anywhere is not restored from. */
function prove(line: ProvenLine, file: ArchivedFile): StageOutcome {
  checkMetadata(line, file);
  proveOnly(file.pieces());
  return UNWANTED;
}

/** The pieces of an entry, once they have come to their end, are proven by the digest in its metadata. */
function proveOnly(pieces: Iterable<Uint8Array>): void {
  for (const _ of pieces) {
    // Each is hashed on the way.
  }
}

interface Written {
  readonly line: ProvenLine;
  readonly item: StageItem;
  readonly staged: StagedFile;
}

function judge(
  context: StageContext & { readonly stagingDirectory: string },
  written: Written,
  bytes: Uint8Array | undefined,
): StageOutcome {
  const { line, staged } = written;
  if (line.kind === 'log') {
    return { kind: 'staged', file: staged };
  }
  if (bytes !== undefined) {
    return judgeRecords(context, written, bytesSource(bytes));
  }
  const fd = context.fs.open(join(context.stagingDirectory, staged.staged), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return judgeRecords(context, written, new DescriptorSource(context.fs, fd, staged.size));
  } finally {
    context.fs.close(fd);
  }
}

/** What will be linked must be fit for the queue that it goes to, whatever the catalogue says of it. */
function judgeRecords(context: StageContext, written: Written, source: ByteSource): StageOutcome {
  const { limits } = context;
  const { line, item } = written;
  const examination = examineEntry(source, line, { queueName: item.destination, limits });
  const { faults } = examination;
  if (faults.length > 0 && isChecked(item.destination)) {
    return { kind: 'malformed', faults: faults.map(describeFault) };
  }
  return { kind: 'staged', file: markDone(context, written, examination) };
}

/** Marks recipients done in the staged file, which is known by another digest then. */
function markDone(
  { fs, stagingDirectory, nowNs }: StageContext,
  { item, staged }: Written,
  examination: QueueFileExamination,
): StagedFile {
  const { done = [] } = item;
  if (stagingDirectory === undefined || done.length === 0) {
    return staged;
  }
  const isChosen = (recipient: Recipient): boolean => {
    const printed = printedRecipient(recipient);
    return done.some((one) => isOf(one, printed));
  };
  const offsets = marksOf(examination, isChosen);
  return markStagedFile(fs, { stagingDirectory, staged, offsets, mark: DONE_MARK, mtimeNs: item.mtimeNs, nowNs });
}

function printedRecipient({ address, originalAddress }: Recipient): PrintedRecipient {
  return {
    address: printableAddress(address),
    ...(originalAddress === undefined ? {} : { orig_address: printableOriginal(originalAddress) }),
  };
}

/** Passes the pieces on, and keeps the content where it is a single one: nearly always, and then it is not read again. */
class SinglePiece {
  readonly #pieces: Iterable<Uint8Array>;
  #count = 0;
  #first: Uint8Array = new Uint8Array(0);

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces;
  }

  *pieces(): Generator<Uint8Array> {
    for (const piece of this.#pieces) {
      this.#count += 1;
      this.#first = this.#count === 1 ? piece : new Uint8Array(0);
      yield piece;
    }
  }

  single(): Uint8Array | undefined {
    return this.#count <= 1 ? this.#first : undefined;
  }
}
