import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ArchiveReader, openArchive } from '../../../src/archive/archive-reader.ts';
import { ArchiveSource } from '../../../src/archive/archive-source.ts';
import { ArchiveWriter } from '../../../src/archive/archive-writer.ts';
import { type FileWithContent, FramePacker } from '../../../src/archive/frame-packer.ts';
import type { Codec } from '../../../src/archive/zstd/codec.ts';
import type { MessageState } from '../../../src/format/catalogue-line.ts';
import type { FileMetadata } from '../../../src/format/file-metadata.ts';
import type { Header } from '../../../src/format/header.ts';
import type { Seal } from '../../../src/format/seal.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { formatShortQueueId } from '../../../src/queue/queue-id.ts';
import type { LogQueueName, MessageQueueName } from '../../../src/queue/queue-name.ts';

export const SNAPSHOT_ID = '5b2a9c1e-6f0d-4c57-9d1e-0123456789ab';

export const HEADER: Header = {
  format: 1,
  snapshot_id: SNAPSHOT_ID,
  started: '2026-01-02T03:04:05.678Z',
  myhostname: 'mail.example.org',
  instance: '-',
  mail_version: '3.7.11',
  queue_directory: '/var/spool/postfix',
  parameters: { hash_queue_depth: '1' },
  postsnap_version: '0.1.0',
};

export const OUTCOME = {
  finished: '2026-01-02T03:05:00Z',
  settled: true,
  passes: 2,
  incomplete: 0,
  unreadable: 0,
};

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface SampleFile {
  readonly content: Uint8Array;
  /** The queue ID's number. */
  readonly number: number;
  readonly metadata?: Partial<FileMetadata>;
}

export function queueId(number: number): string {
  return formatShortQueueId({ microseconds: number % 1_000_000, inode: BigInt(0x10000 + number) }).text;
}

function metadataOf({ content, number, metadata }: SampleFile): FileMetadata {
  return {
    mode: 0o700,
    uid: 106,
    gid: 110,
    uname: 'postfix',
    gname: 'postfix',
    mtimeNs: 1_767_323_045_123_456_789n + BigInt(number),
    atimeNs: 1_767_323_045_000_000_001n,
    inode: BigInt(0x10000 + number),
    sha256: sha256(content),
    size: content.length,
    ...metadata,
  };
}

export function messageFile(queueName: MessageQueueName, sample: SampleFile): FileWithContent {
  const metadata = metadataOf(sample);
  const id = formatShortQueueId({ microseconds: sample.number % 1_000_000, inode: BigInt(0x10000 + sample.number) });
  return {
    name: { kind: 'file', queueName, id, depth: queueName === 'deferred' ? 1 : 0 },
    metadata,
    content: sample.content,
    draft: {
      kind: 'message',
      queue_name: queueName,
      queue_id: id.text,
      file_size: metadata.size,
      sha256: metadata.sha256,
      mode: metadata.mode,
      uid: metadata.uid,
      uname: metadata.uname,
      mtime: String(metadata.mtimeNs),
      fingerprint: metadata.sha256,
      submission: sha256(Buffer.from(id.text)),
      arrival_time: 1_767_323_045,
      message_size: metadata.size,
      forced_expire: false,
      sender: `sender-${sample.number}@example.org`,
      recipients: [{ address: 'recipient@example.com', delay_reason: 'connect to mx: Connection timed out' }],
      logs: [],
      pending: false,
    },
  };
}

export function logFile(queueName: LogQueueName, sample: SampleFile): FileWithContent {
  const metadata = { ...metadataOf(sample), mode: 0o600 };
  const id = formatShortQueueId({ microseconds: sample.number % 1_000_000, inode: BigInt(0x10000 + sample.number) });
  return {
    name: { kind: 'file', queueName, id, depth: queueName === 'defer' ? 1 : 0 },
    metadata,
    content: sample.content,
    draft: {
      kind: 'log',
      queue_name: queueName,
      queue_id: id.text,
      file_size: metadata.size,
      sha256: metadata.sha256,
      mode: metadata.mode,
      uid: metadata.uid,
      uname: metadata.uname,
      mtime: String(metadata.mtimeNs),
    },
  };
}

/** Bytes that look like nothing and compress to about half; the same for the same seed. */
export function noise(size: number, seed: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 28;
  }
  return bytes;
}

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'postsnap-archive-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface SampleOptions {
  readonly codec: Codec;
  readonly groups: readonly (readonly FileWithContent[])[];
  readonly header?: Header;
  readonly stateOf?: (message: { readonly queueId: string }, index: number) => MessageState;
}

export interface WrittenArchive {
  readonly path: string;
  readonly seal: Seal;
  readonly bytes: Buffer;
}

/** Writes an archive in a directory of the test. */
export function writeArchive({
  codec,
  groups,
  header = HEADER,
  stateOf = () => 'queued',
}: SampleOptions): WrittenArchive {
  const directory = temporaryDirectory();
  const path = join(directory, 'sample.tar.zst');
  const spoolPath = join(directory, 'spool');
  const draftFd = openSync(spoolPath, 'wx+');
  unlinkSync(spoolPath);
  const fd = openSync(path, 'wx');
  const output = { write: (bytes: Uint8Array) => nodeFileSystem.write(fd, bytes) };
  const writer = new ArchiveWriter({ output, codec, header, fs: nodeFileSystem, draftFd });
  const emit = (frame: Parameters<typeof writer.append>[0]) => void writer.append(frame);
  const packer = new FramePacker({ codec, level: 3, snapshotId: header.snapshot_id, emit });
  for (const group of groups) {
    packer.add(group);
  }
  packer.flush();
  const seal = writer.finish({ outcome: OUTCOME, stateOf });
  closeSync(fd);
  closeSync(draftFd);
  return { path, seal, bytes: readFileSync(path) };
}

/** Opens an archive for the time of the test. */
export function openSample(codec: Codec, path: string): ArchiveReader {
  return openArchive({ source: openSource(path), codec });
}

/** An archive's bytes, open for the time of the test. */
export function openSource(path: string): ArchiveSource {
  const source = new ArchiveSource(nodeFileSystem, openSync(path, 'r'));
  onTestFinished(() => source.close());
  return source;
}

/** Opens bytes as an archive. */
export function openBytes(codec: Codec, bytes: Uint8Array): ArchiveReader {
  const path = join(temporaryDirectory(), 'altered.tar.zst');
  writeFileSync(path, bytes);
  return openSample(codec, path);
}

/** Every entry of an archive: name, metadata and content. */
export function readAll(reader: ArchiveReader): { name: string; metadata: FileMetadata; content: string }[] {
  return [...reader.runs()].flatMap((run) =>
    [...reader.entries(run)].map((file) => ({
      name: file.name.kind === 'file' ? `${file.name.queueName}/${file.name.id.text}` : file.name.kind,
      metadata: file.metadata,
      content: Buffer.concat([...file.pieces()]).toString('latin1'),
    })),
  );
}
