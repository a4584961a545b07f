/**
 * Makes a sound archive out of a damaged one: what is intact is packed anew into a temporary file, with a catalogue and a
 * seal of its own, so that everything that reads archives reads it as any other.
 */

import { ArchiveError } from '../../errors.ts';
import type { MessageLine, MessageState } from '../../format/catalogue-line.ts';
import { formatEntryName } from '../../format/entry-name.ts';
import type { Header } from '../../format/header.ts';
import { FORMAT_VERSION, FRAME_MAXIMUM } from '../../format/limits.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { readLog } from '../../log/log-entry.ts';
import { isLogQueueName, isMessageQueueName } from '../../queue/queue-name.ts';
import { examineQueueFile } from '../../record/examine.ts';
import { fingerprintOf } from '../../record/fingerprint.ts';
import { lineageOf } from '../../record/lineage.ts';
import { FileNameSet } from '../../table/name-set.ts';
import { wholePartOf } from '../archive-ends.ts';
import { type ArchiveReader, openArchive } from '../archive-reader.ts';
import { ArchiveSource } from '../archive-source.ts';
import { ArchiveWriter } from '../archive-writer.ts';
import type { ArchivedFile } from '../entry-reader.ts';
import { FramePacker } from '../frame-packer.ts';
import { type BigLogCopy, filesOf, type LogCopy } from '../message-copy.ts';
import type { PackedFrame } from '../packed-frame.ts';
import { withProvenContent } from '../proven-content.ts';
import type { Codec } from '../zstd/codec.ts';
import { salvageArchive } from './salvage.ts';

export interface SalvagedArchiveOptions {
  readonly fs: FileSystem;
  /** The damaged archive. The caller closes it. */
  readonly source: ArchiveSource;
  readonly codec: Codec;
  /** Empty files, open for reading and writing. The caller closes them. */
  readonly files: SalvageFiles;
  /** Another text at each call. */
  readonly randomName: () => string;
}

export interface SalvageFiles {
  /** For the archive of what is intact. */
  readonly archive: number;
  /** For its catalogue, while it is written. */
  readonly catalogue: number;
}

export interface SalvagedArchive {
  /** What is intact. */
  readonly archive: ArchiveReader;
  /** The catalogue's lines of messages whose content is lost; all of them only if `hasCatalogue`. */
  readonly lost: readonly MessageLine[];
  /** Those of intact messages that have lost a log. */
  readonly withoutLogs: readonly MessageLine[];
  /** False: nobody knows what is missing, nor what had left the source queue. */
  readonly hasCatalogue: boolean;
  /** Bytes of the archive, and of the content of its frames, that belong to nothing that is intact. */
  readonly lostBytes: number;
  /** Bytes behind the archive that are none of it. */
  readonly extraBytes: number;
}

/**
 * Finds what is intact.
 *
 * @throws ArchiveError `unknown-version`; `damaged`: nothing is intact
 */
export function salvageToArchive(options: SalvagedArchiveOptions): SalvagedArchive {
  const whole = wholePartOf(options);
  const source = whole === undefined ? options.source : options.source.beginning(whole);
  const catalogue = readOldCatalogue({ ...options, source });
  const salvage = salvageArchive({ ...options, source });
  const fd = options.files.archive;
  const taken = repack(options, { catalogue, salvage });
  const { lostBytes, lostContent } = salvage.report;
  return {
    archive: openArchive({ codec: options.codec, source: new ArchiveSource(options.fs, fd) }),
    lost: [...catalogue.messages.values()].filter((line) => !taken.has(nameOf(line))),
    withoutLogs: [...catalogue.messages.values()].filter(
      (line) => (taken.get(nameOf(line)) ?? Number.POSITIVE_INFINITY) < line.logs.length,
    ),
    hasCatalogue: catalogue.isWhole,
    lostBytes: lostBytes + lostContent,
    extraBytes: options.source.size - source.size,
  };
}

interface OldCatalogue {
  readonly messages: ReadonlyMap<string, MessageLine>;
  readonly isWhole: boolean;
}

/** What can still be read of it: each part is proven by the seal. */
function readOldCatalogue(options: SalvagedArchiveOptions): OldCatalogue {
  const messages = new Map<string, MessageLine>();
  try {
    for (const line of openArchive(options).catalogue()) {
      if (line.kind === 'message') {
        messages.set(nameOf(line), line);
      }
    }
    return { messages, isWhole: true };
  } catch (error) {
    if (error instanceof ArchiveError && error.code !== 'unknown-version') {
      return { messages, isWhole: false };
    }
    throw error;
  }
}

function nameOf({ queue_name, queue_id }: MessageLine): string {
  return `${queue_name}/${queue_id}`;
}

interface Repacking {
  readonly catalogue: OldCatalogue;
  readonly salvage: ReturnType<typeof salvageArchive>;
}

/** Packs the intact messages; returns their names, as {@link nameOf} has them, with the number of their intact logs. */
function repack(options: SalvagedArchiveOptions, { catalogue, salvage }: Repacking): Map<string, number> {
  const { fs, codec, files } = options;
  const header = salvage.report.header ?? unknownHeader(options.randomName());
  const output = { write: (bytes: Uint8Array) => fs.write(files.archive, bytes) };
  const writer = new ArchiveWriter({ fs, codec, header, output, draftFd: files.catalogue });
  const emit = (frame: PackedFrame) => void writer.append(frame);
  const packer = new FramePacker({
    codec,
    level: 1,
    snapshotId: header.snapshot_id,
    emit,
    hold: writer.hold,
  });
  const taken = new Map<string, number>();
  for (const group of groups(salvage.files())) {
    taken.set(packGroup(fs, packer, group), group.logs.length);
  }
  packer.flush();
  if (taken.size === 0) {
    throw new ArchiveError('damaged', 'no message in the archive is intact', {
      nextStep: 'Use another archive.',
    });
  }
  const stateOf = (queueName: string, queueId: string): MessageState =>
    catalogue.messages.get(`${queueName}/${queueId}`)?.state ?? 'queued';
  writer.finish({
    outcome: { finished: header.started, settled: false, passes: 0, incomplete: 0, unreadable: 0 },
    stateOf: ({ queueName, queueId }) => stateOf(queueName, queueId),
  });
  return taken;
}

/** Stands in for a header that is lost. */
function unknownHeader(snapshotId: string): Header {
  return {
    format: FORMAT_VERSION,
    snapshot_id: snapshotId,
    started: new Date(0).toISOString(),
    myhostname: '',
    instance: '-',
    mail_version: '',
    queue_directory: '',
    parameters: {},
    postsnap_version: '',
  };
}

interface Group {
  readonly message: ArchivedFile;
  readonly logs: ArchivedFile[];
}

/** Messages with the logs that stand behind them. A log without its message is of no use; a name counts once. */
function* groups(files: Iterable<ArchivedFile>): Generator<Group> {
  const names = new FileNameSet();
  let group: Group | undefined;
  for (const file of files) {
    if (file.name.kind !== 'file' || !names.add(formatEntryName(file.name))) {
      continue;
    }
    if (isMessageQueueName(file.name.queueName)) {
      if (group !== undefined) {
        yield group;
      }
      group = { message: file, logs: [] };
    } else if (group !== undefined && isOfMessage(group.message, file)) {
      group.logs.push(file);
    }
  }
  if (group !== undefined) {
    yield group;
  }
}

function isOfMessage({ name: message }: ArchivedFile, { name: log }: ArchivedFile): boolean {
  return message.kind === 'file' && log.kind === 'file' && message.id.text === log.id.text;
}

function packGroup(fs: FileSystem, packer: FramePacker, group: Group): string {
  const { name, metadata } = group.message;
  if (name.kind !== 'file' || !isMessageQueueName(name.queueName)) {
    throw new TypeError('a group begins with a message');
  }
  const { queueName, id, depth } = name;
  const logs = group.logs.flatMap(logCopy);
  return withProvenContent(fs, group.message, (source) => {
    const examination = examineQueueFile(source, queueName);
    const fingerprint = fingerprintOf(source, examination.mutableBytes);
    const lineage = lineageOf(examination, source);
    const content = contentOf(group.message);
    packer.add(filesOf({ examination, fingerprint, lineage, queueName, id, depth, metadata, content, logs }));
    return `${queueName}/${id.text}`;
  });
}

/** The content: of a file that fits into a frame as a whole, else in pieces, as often as they are asked for. */
function contentOf(file: ArchivedFile): Uint8Array | Iterable<Uint8Array> {
  return file.metadata.size <= FRAME_MAXIMUM
    ? Buffer.concat([...file.pieces()])
    : { [Symbol.iterator]: () => file.pieces() };
}

function logCopy(file: ArchivedFile): (LogCopy | BigLogCopy)[] {
  const { name, metadata } = file;
  if (name.kind !== 'file' || !isLogQueueName(name.queueName)) {
    return [];
  }
  const { queueName, depth } = name;
  const content = contentOf(file);
  return content instanceof Uint8Array
    ? [{ queueName, depth, metadata, content }]
    : [{ queueName, depth, metadata, content, summary: readLog(content, queueName) }];
}
