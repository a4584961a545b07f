/**
 * Staging, one run of frames at a time: every wanted file is unpacked, written where Postfix does not look, and proven.
 * It runs in workers: what it takes and gives is plain data.
 */

import { join } from 'node:path';
import type { ArchivedFile } from '../archive/archive-reader.ts';
import { ArchiveError } from '../errors.ts';
import type { CatalogueLine } from '../format/catalogue-line.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeUnlink } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_RDONLY } from '../fs/open-flags.ts';
import type { LogQueueName, MessageQueueName } from '../queue/queue-name.ts';
import { type ByteSource, bytesSource } from '../record/byte-source.ts';
import { type ExaminationLimits, examineQueueFile } from '../record/examine.ts';
import { fingerprintOf } from '../record/fingerprint.ts';
import { describeFault } from '../record/record-fault.ts';
import { descriptorSource } from '../spool/descriptor-source.ts';
import { type StagedFile, writeStagedFile } from '../spool/staged-file.ts';
import { isChecked } from './plan.ts';

/** What is to be staged of one entry. */
export interface StageItem {
  /** The message's number in this restore; its logs have the same. */
  readonly index: number;
  readonly kind: 'message' | LogQueueName;
  /** Where the message goes: what its records must be fit for. */
  readonly destination: MessageQueueName;
  readonly mtimeNs: bigint;
}

export type StageOutcome =
  | { readonly kind: 'staged'; readonly file: StagedFile }
  /** The bytes are those of the source, but Postfix would choke on them. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** The archive is damaged here. */
  | { readonly kind: 'damaged'; readonly reason: string };

export interface StageContext {
  readonly fs: FileSystem;
  readonly stagingDirectory: string;
  readonly nowNs: bigint;
  /** What the target's pickup(8) takes. */
  readonly limits: ExaminationLimits;
}

/** Stages one entry. Damage is an outcome, not an error: who restores decides what it means. */
export function stageEntry(
  context: StageContext,
  entry: { readonly line: CatalogueLine; readonly item: StageItem },
  file: ArchivedFile,
): StageOutcome {
  const { line, item } = entry;
  let staged: StagedFile;
  const content = keepSinglePiece(file.pieces());
  try {
    staged = writeStagedFile(context.fs, { ...context, ...item }, content.pieces());
  } catch (error) {
    if (error instanceof ArchiveError) {
      return { kind: 'damaged', reason: error.message };
    }
    throw error;
  }
  const outcome = judge(context, { line, item, staged }, content.single());
  if (outcome.kind !== 'staged') {
    safeUnlink(context.fs, join(context.stagingDirectory, staged.staged));
  }
  return outcome;
}

interface Written {
  readonly line: CatalogueLine;
  readonly item: StageItem;
  readonly staged: StagedFile;
}

function judge(context: StageContext, written: Written, bytes: Uint8Array | undefined): StageOutcome {
  const { line, staged } = written;
  if (staged.sha256 !== line.sha256 || staged.size !== line.file_size) {
    return { kind: 'damaged', reason: 'the content does not fit the digest in the catalogue' };
  }
  if (line.kind === 'log') {
    return { kind: 'staged', file: staged };
  }
  if (bytes !== undefined) {
    return judgeRecords(context, written, bytesSource(bytes));
  }
  const fd = context.fs.open(join(context.stagingDirectory, staged.staged), O_RDONLY | O_NOFOLLOW);
  try {
    return judgeRecords(context, written, descriptorSource(context.fs, fd, staged.size));
  } finally {
    context.fs.close(fd);
  }
}

/** What will be linked must be fit for the queue that it goes to, whatever the catalogue says of it. */
function judgeRecords({ limits }: StageContext, { line, item, staged }: Written, source: ByteSource): StageOutcome {
  const { faults, mutableBytes } = examineQueueFile(source, item.destination, limits);
  if (line.kind === 'message' && fingerprintOf(source, mutableBytes) !== line.fingerprint) {
    return { kind: 'damaged', reason: 'the fingerprint in the catalogue is not that of the content' };
  }
  if (faults.length > 0 && isChecked(item.destination)) {
    return { kind: 'malformed', reason: `Postfix would choke on its records: ${faults.map(describeFault).join(', ')}` };
  }
  return { kind: 'staged', file: staged };
}

/** Passes the pieces on, and keeps the content where it is a single one: nearly always, and then it is not read again. */
function keepSinglePiece(pieces: Iterable<Uint8Array>): {
  pieces(): Generator<Uint8Array>;
  single(): Uint8Array | undefined;
} {
  let count = 0;
  let first: Uint8Array = new Uint8Array(0);
  return {
    *pieces() {
      for (const piece of pieces) {
        count += 1;
        first = count === 1 ? piece : new Uint8Array(0);
        yield piece;
      }
    },
    single: () => (count <= 1 ? first : undefined),
  };
}
