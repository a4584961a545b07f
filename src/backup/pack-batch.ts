/**
 * A batch of messages: read, examined, hashed, packed and compressed into whole frames, in a worker or in the main thread.
 * What goes in and comes out is plain data.
 */

import type { FrameHold } from '../archive/frame-hold.ts';
import { ChangedContent, FramePacker, UnreadableContent } from '../archive/frame-packer.ts';
import { filesOf, isShortened } from '../archive/message-copy.ts';
import { SpareFrame } from '../archive/open-frame.ts';
import type { PackedFrame } from '../archive/packed-frame.ts';
import type { Codec } from '../archive/zstd/codec.ts';
import { Arena } from '../fs/arena.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Selection } from '../plan/selection.ts';
import type { Accounts } from '../postfix/accounts.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { type OpenMessage, readMessage } from '../spool/read-message.ts';
import { reasonOf } from '../spool/reason.ts';
import type { QueueDepths, Spool } from '../spool/spool.ts';
import { BEYOND_FORMAT, type PackableMessage, readPackable, type Unpackable } from './pack-message.ts';
import type { Candidate, CopyRemark, Outcome } from './snapshot.ts';

/** What is the same for all batches. Structured-cloneable. */
export interface PackSetup {
  readonly queueDirectory: string;
  readonly snapshotId: string;
  /** zstd's. */
  readonly level: number;
  /** When the snapshot is taken, in nanoseconds since the epoch. */
  readonly nowNs: bigint;
}

export type PackItem = Pick<Candidate, 'id' | 'paths' | 'takenQueues' | 'logQueues' | 'wanted'>;

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
  readonly path: string;
  readonly queueId: string;
  readonly reason: string;
}

/** The memory of a thread, for one batch after the other. */
export class PackMemory {
  readonly arena: Arena = new Arena();
  readonly spare: SpareFrame = new SpareFrame();
}

/** What a thread packs with. */
export interface PackTools {
  readonly fs: FileSystem;
  readonly codec: Codec;
  readonly accounts: Pick<Accounts, 'userName' | 'groupName'>;
  readonly memory: PackMemory;
  /** Absent: all. */
  readonly selection?: Selection | undefined;
}

/** Where frames go that are not held. */
export interface DirectOutput {
  readonly emit: (frame: PackedFrame) => void;
  readonly hold: FrameHold;
}

/** A worker hands its frames over when they are this big, in compressed bytes. */
const RESULT_TARGET = 16_777_216;
/** A worker leaves bigger messages to the main thread. */
const HELD_MAXIMUM = 67_108_864;

/**
 * Packs a batch.
 *
 * @param tools - `direct` takes the frames as they come, and those of an unfinished message wait in its hold: nothing is in
 *   memory. Without it they are in the result.
 */
export function packBatch(
  setup: PackSetup,
  tools: PackTools & { readonly direct?: DirectOutput },
  { items, depths }: PackJob,
): PackResult {
  const frames: PackedFrame[] = [];
  let held = 0;
  const hold = (frame: PackedFrame): void => {
    frames.push(frame);
    held += frame.bytes.length;
  };
  const { fs, codec, direct, memory } = tools;
  const { level, snapshotId } = setup;
  const heldMaximum = direct === undefined ? HELD_MAXIMUM : Number.POSITIVE_INFINITY;
  const output = direct === undefined ? { emit: hold } : { emit: direct.emit, hold: direct.hold };
  const packer = new FramePacker({ codec, level, snapshotId, spare: memory.spare, ...output });
  const spool: Spool = { fs, queueDirectory: setup.queueDirectory, depths, arena: memory.arena };
  const outcomes: ItemOutcome[] = [];
  const unreadableLogs: UnreadableLog[] = [];
  const tooBig: number[] = [];
  let done = 0;
  for (const item of items) {
    const result = packItem({ spool, tools, packer, heldMaximum, nowNs: setup.nowNs }, item);
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
  readonly spool: Spool;
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
  const { spool, tools, packer, heldMaximum } = context;
  const takenQueues: MessageQueueName[] = [...item.takenQueues];
  const tooBig: OpenMessage[] = [];
  const readings = readMessage<Outcome>(spool, item, {
    logQueues: item.logQueues,
    nowNs: context.nowNs,
    takesUnfinished: true,
    take: (message) => {
      const hasLogs = takenQueues.length === item.takenQueues.length;
      const packable =
        tooBig.length > 0
          ? TOO_BIG
          : readPackable(message, { accounts: tools.accounts, takenQueues, hasLogs, sizeMaximum: heldMaximum });
      if (packable.kind !== 'packable') {
        if (packable.kind === 'too big') {
          tooBig.push(message);
        }
        return outcomeOf(packable, message);
      }
      if (!isSelected(packable, tools, item)) {
        tools.memory.arena.reuse();
        return { kind: 'not selected' };
      }
      const outcome = addMessage(packer, packable, message);
      tools.memory.arena.reuse();
      if (outcome.kind === 'copied') {
        takenQueues.push(packable.identity.queueName);
      }
      return outcome;
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

/** What went on from a message that was selected, and left, is taken whatever it is: else the message would be lost. */
function isSelected({ copy, identity }: PackableMessage, { selection }: PackTools, { wanted }: PackItem): boolean {
  if (selection === undefined) {
    return true;
  }
  const draft = filesOf(copy)[0]?.draft;
  const isSuccessor = identity.arrival !== undefined && wanted.includes(identity.arrival);
  return draft?.kind !== 'message' || selection.has(draft) || isSuccessor;
}

const TOO_BIG: Unpackable = { kind: 'too big' };

function outcomeOf({ kind }: Unpackable, { queueName }: OpenMessage): Outcome {
  switch (kind) {
    case 'unfinished':
      return { kind: 'unfinished' };
    case 'beyond the format':
      return { kind: 'unreadable', queueName, reason: BEYOND_FORMAT };
    case 'name taken':
    case 'too big':
      return { kind: 'unreadable', queueName, reason: 'the archive holds another of its name' };
  }
}

/**
 * Puts a message with its logs into frames. Of a big file the second reading may fail: of a log, then the message goes
 * without it, and it is named. Of the message: then nothing of it is in a frame.
 */
function addMessage(packer: FramePacker, packable: PackableMessage, message: OpenMessage): Outcome {
  let { copy, openLogs } = packable;
  for (;;) {
    const files = filesOf(copy);
    try {
      packer.add(files);
      const remarks: CopyRemark[] = packable.hasLostMode ? ['mode lost'] : [];
      if (files.some(isShortened)) {
        remarks.push('shortened');
      }
      return { kind: 'copied', copy: packable.identity, remarks };
    } catch (error) {
      if (!(error instanceof UnreadableContent)) {
        throw error;
      }
      // The message is the first file.
      const at = error.file - 1;
      const log = openLogs[at];
      if (log === undefined) {
        return { kind: 'unreadable', queueName: message.queueName, reason: contentReason(error.cause) };
      }
      message.failLog(log, contentReason(error.cause));
      copy = { ...copy, logs: copy.logs.toSpliced(at, 1) };
      openLogs = openLogs.toSpliced(at, 1);
    }
  }
}

function contentReason(cause: unknown): string {
  return cause instanceof ChangedContent ? cause.message : reasonOf(cause);
}
