/** The proof of a whole archive: every digest, and the records of every queue file. */

import { type ArchiveReader, type ArchiveReaderOptions, openArchive } from '../archive/archive-reader.ts';
import type { FrameRun } from '../archive/frame-run.ts';
import { nameOf, openArchiveSource } from '../archive/open-archive.ts';
import { openFailure } from '../archive/open-failure.ts';
import { salvageArchive } from '../archive/salvage/salvage.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import { ArchiveError } from '../errors.ts';
import { systemError } from '../fs/system-error.ts';
import type { OperationControl } from '../operation.ts';
import { isMessageQueueName } from '../queue/queue-name.ts';
import { createWorkerPool, defaultWorkers } from '../worker/pool.ts';
import { pause } from './pause.ts';
import type { FaultyFile, RunVerdict } from './verify-run.ts';
import { type VerifySetup, verifyHandler } from './verify-worker.ts';

export interface VerifyOptions {
  /** A path, or a location. */
  readonly archive: string | ArchiveLocation;
  /** Worker threads; 0 does all in this thread. As many as there are processors when absent. */
  readonly workers?: number;
}

export interface VerifyReport {
  /** Every digest is right and nothing is missing. Queue files that were broken at the source already don't count. */
  readonly ok: boolean;
  /** The archive has its end: it was finished. */
  readonly sealed: boolean;
  /** Frames in the archive; where its end is missing, those that are intact. */
  readonly frames: number;
  readonly damaged_frames: number;
  /** Messages in the archive, those that left included; where its end is missing, those that are intact. */
  readonly messages: number;
  /** Messages and logs that can't be read as they were written. */
  readonly damaged: readonly FaultyFile[];
  /** Queue files whose records were broken at the source already. */
  readonly malformed: readonly FaultyFile[];
  /** What is wrong with the archive beyond single messages. */
  readonly errors: readonly string[];
}

/**
 * Reads everything in an archive, and checks every digest and the structure of every queue file. Damage is in the
 * report, not thrown.
 *
 * @throws ArchiveError `foreign`: it is no archive; `unknown-version`.
 * @throws OperatorError `not-found`: there is no such archive.
 * @throws SystemError: it can't be read.
 * @throws InterruptedError: by the control's signal.
 */
export async function verify(options: VerifyOptions, control: OperationControl = {}): Promise<VerifyReport> {
  const codec = await loadCodec();
  const location = archiveLocation(options.archive);
  const file: ArchiveReaderOptions = { codec, source: await openArchiveSource(location, control) };
  try {
    const archive = openWhole(file);
    return archive instanceof ArchiveError
      ? await verifyWreck(file, await damageOrThrow(archive, file, location), control)
      : await verifyContent(archive, options, control);
  } catch (error) {
    throw systemError(error, { action: "can't read the archive", path: nameOf(location) });
  } finally {
    file.source.close();
  }
}

function openWhole(file: ArchiveReaderOptions): ArchiveReader | ArchiveError {
  try {
    return openArchive(file);
  } catch (error) {
    if (error instanceof ArchiveError) {
      return error;
    }
    throw error;
  }
}

/** Damage is a finding; that it is no archive, or one of a version that is not known, is an error. */
async function damageOrThrow(
  error: ArchiveError,
  file: ArchiveReaderOptions,
  location: ArchiveLocation,
): Promise<ArchiveError> {
  const failure = await openFailure(error, { ...file, name: nameOf(location) });
  if (failure instanceof ArchiveError && (failure.code === 'foreign' || failure.code === 'unknown-version')) {
    throw failure;
  }
  return error;
}

const FILES_BETWEEN_PAUSES = 100;

/** Without its ends nothing tells what an archive held; what is intact in it can still be counted. */
async function verifyWreck(
  file: ArchiveReaderOptions,
  { message }: ArchiveError,
  { signal }: OperationControl,
): Promise<VerifyReport> {
  const intact = { frames: 0, messages: 0 };
  const salvage = salvageArchive(file);
  let files = 0;
  for (const { name } of salvage.files()) {
    intact.messages += name.kind === 'file' && isMessageQueueName(name.queueName) ? 1 : 0;
    files++;
    if (files % FILES_BETWEEN_PAUSES === 0) {
      await pause(signal);
    }
  }
  intact.frames = salvage.report.frames;
  return { ok: false, sealed: false, ...intact, damaged_frames: 0, damaged: [], malformed: [], errors: [message] };
}

/** The words of an error that is damage; any other is thrown on. */
function damageOf(error: unknown): string {
  if (error instanceof ArchiveError) {
    return error.message;
  }
  throw error;
}

async function verifyContent(
  archive: ArchiveReader,
  { workers }: VerifyOptions,
  control: OperationControl,
): Promise<VerifyReport> {
  const { seal, frames } = archive;
  const findings: Findings = { damagedFrames: 0, damaged: [], malformed: [], errors: [] };
  const setup: VerifySetup = { origin: archive.origin, snapshotId: archive.header.snapshot_id };
  const pool = createWorkerPool<FrameRun, RunVerdict, VerifySetup>(
    {
      workers: workers ?? defaultWorkers(),
      service: 'verify',
      url: new URL('./verify-worker.js', import.meta.url),
      setup,
      signal: control.signal,
    },
    verifyHandler,
  );
  const progress = new RunProgress(seal.bytes, control);
  try {
    for await (const verdict of pool.ordered(watched(archive.runs(), (run) => progress.begin(run)))) {
      note(findings, verdict);
      progress.end();
    }
  } catch (error) {
    // The catalogue is read between the runs: what is behind this place can't be told.
    findings.errors.push(damageOf(error));
  } finally {
    await pool.close();
  }
  const { damagedFrames, damaged, malformed, errors } = findings;
  return {
    ok: damagedFrames === 0 && damaged.length === 0 && errors.length === 0,
    sealed: true,
    frames: frames.count,
    damaged_frames: damagedFrames,
    messages: seal.messages + seal.left,
    damaged,
    malformed,
    errors,
  };
}

interface Findings {
  damagedFrames: number;
  readonly damaged: FaultyFile[];
  readonly malformed: FaultyFile[];
  readonly errors: string[];
}

function note(findings: Findings, verdict: RunVerdict): void {
  findings.damagedFrames += verdict.damagedFrames.length;
  findings.damaged.push(...verdict.damaged);
  findings.malformed.push(...verdict.malformed);
}

function* watched(runs: Iterable<FrameRun>, begin: (run: FrameRun) => void): Generator<FrameRun> {
  for (const run of runs) {
    begin(run);
    yield run;
  }
}

/** Verdicts come in the order of the runs, so the sizes of what is under way are a queue. */
class RunProgress {
  readonly #total: number;
  readonly #control: OperationControl;
  readonly #underWay: number[] = [];
  #done = 0;

  constructor(total: number, control: OperationControl) {
    this.#total = total;
    this.#control = control;
  }

  begin(run: FrameRun): void {
    this.#underWay.push(run.lines.reduce((sum, line) => sum + line.file_size, 0));
  }

  end(): void {
    this.#done += this.#underWay.shift() ?? 0;
    const [done, total] = [this.#done, this.#total];
    this.#control.onEvent?.({ kind: 'progress', phase: 'verifying', done, total, unit: 'bytes' });
  }
}
