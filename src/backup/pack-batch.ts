/**
 * A batch of messages: read, examined, hashed, packed and compressed into whole frames, in a worker or in the main thread.
 * What goes in and comes out is plain data.
 */

import { createFramePacker, type FramePacker, type PackedFrame } from '../archive/frame-packer.ts';
import type { Codec } from '../archive/zstd/codec.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { systemError } from '../fs/system-error.ts';
import type { Accounts } from '../postfix/accounts.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { reuseMemory } from '../spool/read-file.ts';
import { type OpenMessage, readMessage } from '../spool/read-message.ts';
import type { QueueDepths, SpoolSource } from '../spool/source.ts';
import { type PackableMessage, readPackable } from './pack-message.ts';
import type { Candidate, Outcome } from './snapshot.ts';

/** What is the same for all batches. Structured-cloneable. */
export interface PackSetup {
  readonly queueDirectory: string;
  readonly snapshotId: string;
  /** zstd's. */
  readonly level: number;
  /** When the snapshot is taken, in nanoseconds since the epoch. */
  readonly nowNs: bigint;
}

export type PackItem = Pick<Candidate, 'id' | 'places' | 'takenQueues' | 'logQueues'>;

export interface PackJob {
  readonly depths: QueueDepths;
  readonly items: readonly PackItem[];
}

export interface ItemOutcome {
  /** The number of the item in the batch. */
  readonly item: number;
  readonly outcome: Outcome;
}

export interface PackResult {
  readonly frames: readonly PackedFrame[];
  /** In the order of the items, of which one may have several; copies in the order of the messages in the frames. */
  readonly outcomes: readonly ItemOutcome[];
  /** How many items are done: fewer than there were, if the frames became too many to hold. */
  readonly done: number;
  /** Items of those whose message is too big for a worker to hold: the main thread writes them as it reads. */
  readonly tooBig: readonly number[];
  /** Logs that could not be read. */
  readonly unreadableLogs: readonly UnreadableLog[];
}

export interface UnreadableLog {
  readonly queueName: string;
  /** Relative to the queue directory. */
  readonly place: string;
  readonly queueId: string;
  readonly reason: string;
}

/** What a thread packs with. */
export interface PackTools {
  readonly fs: FileSystem;
  readonly codec: Codec;
  readonly accounts: Pick<Accounts, 'userName' | 'groupName'>;
}

/** A worker hands its frames over when they are this big, in compressed bytes. */
const RESULT_TARGET = 16_777_216;
/** A worker leaves bigger messages to the main thread. */
const HELD_MAXIMUM = 67_108_864;

/**
 * Packs a batch.
 *
 * @param tools - `emit` takes the frames as they come, and nothing is held; without it they are in the result
 */
export function packBatch(
  setup: PackSetup,
  tools: PackTools & { readonly emit?: (frame: PackedFrame) => void },
  { items, depths }: PackJob,
): PackResult {
  const frames: PackedFrame[] = [];
  let held = 0;
  const hold = (frame: PackedFrame): void => {
    frames.push(frame);
    held += frame.bytes.length;
  };
  const { codec, emit = hold } = tools;
  const heldMaximum = tools.emit === undefined ? HELD_MAXIMUM : Number.POSITIVE_INFINITY;
  const packer = createFramePacker({ codec, level: setup.level, snapshotId: setup.snapshotId, emit });
  const source: SpoolSource = { fs: tools.fs, queueDirectory: setup.queueDirectory, depths };
  const outcomes: ItemOutcome[] = [];
  const unreadableLogs: UnreadableLog[] = [];
  const tooBig: number[] = [];
  let done = 0;
  for (const item of items) {
    const result = packItem({ source, tools, packer, heldMaximum, nowNs: setup.nowNs }, item);
    if (result === 'too big') {
      tooBig.push(done);
    } else {
      for (const outcome of result.outcomes) {
        outcomes.push({ item: done, outcome });
      }
      unreadableLogs.push(...result.unreadableLogs);
    }
    done += 1;
    if (held >= RESULT_TARGET) {
      break;
    }
  }
  packer.flush();
  return { frames, outcomes, done, tooBig, unreadableLogs };
}

interface PackContext {
  readonly source: SpoolSource;
  readonly tools: PackTools;
  readonly packer: FramePacker;
  readonly nowNs: bigint;
  readonly heldMaximum: number;
}

interface PackedItem {
  readonly outcomes: Outcome[];
  readonly unreadableLogs: UnreadableLog[];
}

function packItem(context: PackContext, item: PackItem): PackedItem | 'too big' {
  const { source, tools, packer, heldMaximum } = context;
  const { accounts } = tools;
  const takenQueues: MessageQueueName[] = [...item.takenQueues];
  const tooBig: OpenMessage[] = [];
  const isNamesake = (): boolean => takenQueues.length > item.takenQueues.length;
  const readings = readMessage<Outcome>(source, item, {
    logQueues: item.logQueues,
    nowNs: context.nowNs,
    takesUnfinished: true,
    take: (message) => {
      if (message.status.size > heldMaximum) {
        tooBig.push(message);
      }
      const packable =
        tooBig.length > 0 ? undefined : readPackable(message, { accounts, takenQueues, hasLogs: !isNamesake() });
      if (packable === 'unfinished') {
        return { kind: 'unfinished' };
      }
      if (packable === undefined) {
        return { kind: 'unreadable', queueName: message.queueName, reason: 'the archive holds another of its name' };
      }
      addWhole(packer, packable, message.id);
      reuseMemory();
      takenQueues.push(packable.identity.queueName);
      return { kind: 'copied', copy: packable.identity, remarks: packable.remarks };
    },
  });
  if (tooBig.length > 0) {
    return 'too big';
  }
  return {
    outcomes: readings.map((reading) => (reading.kind === 'read' ? reading.value : reading)),
    unreadableLogs: readings.flatMap((reading) =>
      reading.kind === 'read' ? reading.logIssues.map((issue) => ({ ...issue, queueId: item.id })) : [],
    ),
  };
}

/** What is in a frame can't be taken back: if the second reading of a big file fails, no archive can come of it. */
function addWhole(packer: FramePacker, { files }: PackableMessage, queueId: string): void {
  try {
    packer.add(files);
  } catch (error) {
    throw systemError(error, { action: "can't read again what was read once:", path: queueId });
  }
}
