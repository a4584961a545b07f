import { createHash } from 'node:crypto';
import type { ArchivedFile } from '../../../src/archive/entry-reader.ts';
import type { FrameRun } from '../../../src/archive/frame-run.ts';
import { bytesSource } from '../../../src/byte-source.ts';
import { ArchiveError } from '../../../src/errors.ts';
import type { CatalogueLine, MessageLine } from '../../../src/format/catalogue-line.ts';
import { parseQueueId } from '../../../src/queue/queue-id.ts';
import { isQueueName } from '../../../src/queue/queue-name.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { fingerprintOf } from '../../../src/record/fingerprint.ts';
import { lineageOf } from '../../../src/record/lineage.ts';
import { printableAddress } from '../../../src/record/printable-address.ts';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An entry as a reader gives it, whose content comes in pieces of a size, through one buffer that is used again. */
export function archivedFile(path: string, content: Uint8Array, pieceSize = content.length): ArchivedFile {
  const [queueName = '', text = ''] = path.split('/');
  const id = parseQueueId(text);
  if (!isQueueName(queueName) || id === undefined) {
    throw new Error(`no queue file: ${path}`);
  }
  return {
    name: { kind: 'file', queueName, id, depth: 0 },
    metadata: {
      mode: 0o700,
      uid: 1,
      gid: 1,
      mtimeNs: 0n,
      atimeNs: 0n,
      inode: 1n,
      sha256: sha256(content),
      size: content.length,
    },
    *pieces() {
      const buffer = new Uint8Array(pieceSize);
      for (let offset = 0; offset < content.length; offset += pieceSize) {
        const piece = content.subarray(offset, offset + pieceSize);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
      }
      buffer.fill(0);
    },
  };
}

/** An entry whose damage is seen only at its end. */
export function damagedFile(path: string, content: Uint8Array, pieceSize?: number): ArchivedFile {
  const file = archivedFile(path, content, pieceSize);
  return {
    ...file,
    *pieces() {
      yield* file.pieces();
      throw new ArchiveError('damaged', 'the content does not fit its digest');
    },
  };
}

/** The line of the catalogue that is right for a message. */
export function messageLine(path: string, content: Uint8Array): MessageLine {
  const [queueName = '', queueId = ''] = path.split('/');
  const name = queueName as MessageLine['queue_name'];
  const source = bytesSource(content);
  const examination = examineQueueFile(source, name);
  return {
    kind: 'message',
    queue_name: name,
    queue_id: queueId,
    frame: 1,
    state: 'queued',
    file_size: content.length,
    sha256: sha256(content),
    fingerprint: fingerprintOf(source, examination.mutableBytes),
    ...lineageOf(examination, source),
    mode: 0o700,
    uid: 1,
    mtime: '0',
    arrival_time: 0,
    message_size: 1,
    forced_expire: false,
    sender: printableAddress(examination.envelope.sender ?? new Uint8Array(0)),
    recipients: [],
    logs: [],
    pending: false,
  };
}

export function frameRun(lines: readonly CatalogueLine[], frames = 1): FrameRun {
  return {
    first: 1,
    frames: Array.from({ length: frames }, (_, offset) => ({ offset, compressedSize: 1, size: 1 })),
    lines,
  };
}
