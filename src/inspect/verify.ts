import { availableParallelism } from 'node:os';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { FrameRun } from '../archive/frame-run.ts';
import { openArchiveFile } from '../archive/open-archive.ts';
import { createWorkerPool } from '../archive/worker-pool.ts';
import { ArchiveError } from '../errors.ts';
import type { OperationControl } from '../operation.ts';
import type { FaultyFile, RunVerdict } from './verify-run.ts';
import { type VerifySetup, verifyHandler } from './verify-worker.ts';

export interface VerifyOptions {
  /** The archive's path, or `-` for standard input. */
  readonly archive: string;
  /** Worker threads; 0 does all in this thread. As many as there are processors when absent. */
  readonly workers?: number;
}

export interface VerifyReport {
  /** Every digest is right and nothing is missing. Queue files that were broken at the source already don't count. */
  readonly ok: boolean;
  /** The archive has its end: it was finished. */
  readonly sealed: boolean;
  /** Frames in the archive; 0 where its end is missing. */
  readonly frames: number;
  readonly damaged_frames: number;
  /** Messages in the archive, those that left included; 0 where its end is missing. */
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
 * @throws {OperatorError} `not-found`: there is no such archive.
 * @throws {SystemError} it can't be read.
 * @throws {InterruptedError} by the control's signal.
 */
export async function verify(options: VerifyOptions, control: OperationControl = {}): Promise<VerifyReport> {
  let archive: ArchiveReader;
  try {
    archive = await openArchiveFile(options.archive, control);
  } catch (error) {
    return unreadable(error);
  }
  try {
    return await verifyContent(archive, options, control);
  } finally {
    archive.close();
  }
}

function unreadable(error: unknown): VerifyReport {
  const errors = [damageOf(error)];
  return { ok: false, sealed: false, frames: 0, damaged_frames: 0, messages: 0, damaged: [], malformed: [], errors };
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
  const setup: VerifySetup = { fd: archive.fd, snapshotId: archive.header.snapshot_id };
  const pool = createWorkerPool<FrameRun, RunVerdict, VerifySetup>(
    {
      workers: workers ?? availableParallelism(),
      url: new URL('./verify-worker.js', import.meta.url),
      setup,
      signal: control.signal,
    },
    verifyHandler,
  );
  const progress = progressOf(seal.bytes, control);
  try {
    for await (const verdict of pool.ordered(watched(archive.runs(), progress.begin))) {
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
function progressOf(total: number, { onEvent }: OperationControl): { begin(run: FrameRun): void; end(): void } {
  const underWay: number[] = [];
  let done = 0;
  return {
    begin(run) {
      underWay.push(run.lines.reduce((sum, line) => sum + line.file_size, 0));
    },
    end() {
      done += underWay.shift() ?? 0;
      onEvent?.({ kind: 'progress', phase: 'verifying', done, total, unit: 'bytes' });
    },
  };
}
