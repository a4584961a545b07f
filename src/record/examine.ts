/** One walk through a queue file that finds all that is to be known of it. */

import type { ByteSource } from '../byte-source.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { TRACE_FLAGS_ATTRIBUTE } from './attribute.ts';
import type { Envelope } from './envelope.ts';
import { addToEnvelope, createEnvelopeReader, finishEnvelope } from './envelope-reader.ts';
import { type EnvelopeRecord, readEnvelopeRecord } from './envelope-record.ts';
import { LastingText } from './lasting-text.ts';
import { MUTABLE_LENGTH_MAXIMUM, type MutableBytes, MutableRanges } from './mutable-bytes.ts';
import { RecordCursor } from './record-cursor.ts';
import type { RecordFault } from './record-fault.ts';
import { RECORD_TYPE, type Segment } from './record-type.ts';
import type { SizeRecord } from './size-record.ts';
import {
  addFault,
  checkEnvelopeRecord,
  checkMessageEnd,
  checkMessageStart,
  checkWhole,
  createStructureCheck,
  type StructureCheck,
} from './structure-check.ts';

export interface QueueFileExamination {
  readonly envelope: Envelope;
  /** Why Postfix would not take the file; at most one of each kind, in the order of the walk. Empty: it would. */
  readonly faults: readonly RecordFault[];
  /** In the order of the walk. The same in every queue. */
  readonly mutableBytes: MutableRanges;
  readonly text: LastingText;
  /** Bytes of the longest record's payload. */
  readonly longestRecord: number;
}

/** Postfix parameters that bound what pickup(8) and cleanup(8) take from maildrop. */
export interface ExaminationLimits {
  /** line_length_limit, in bytes. */
  readonly lineLengthLimit?: number;
  /** queue_file_attribute_count_limit. */
  readonly attributeCountLimit?: number;
}

const DEFAULT_LINE_LENGTH_LIMIT = 2048;
const DEFAULT_ATTRIBUTE_COUNT_LIMIT = 100;

/** What the time of the delay warning counts as. */
const SPACE = 0x20;

interface Examination {
  readonly cursor: RecordCursor;
  readonly check: StructureCheck;
  readonly envelope: ReturnType<typeof createEnvelopeReader>;
  readonly mutableBytes: MutableRanges;
  readonly text: LastingText;
  segment: Segment;
  longestRecord: number;
  /** Where the text ends that cleanup(8) was given; what a Milter adds to it stands behind (cleanup_milter.c). */
  textEnd: number;
}

/**
 * Reads a queue file once, for all that can be known of it: its envelope, whether Postfix will take it, and which bytes
 * Postfix rewrites in place. Takes any bytes at all, in bounded memory, and throws only what `source` throws.
 *
 * @param queueName the queue whose reader will read the file: pickup(8) in maildrop, qmgr(8) in the others.
 */
export function examineQueueFile(
  source: ByteSource,
  queueName: MessageQueueName,
  limits: ExaminationLimits = {},
): QueueFileExamination {
  const inMaildrop = queueName === 'maildrop';
  const { lineLengthLimit = DEFAULT_LINE_LENGTH_LIMIT, attributeCountLimit = DEFAULT_ATTRIBUTE_COUNT_LIMIT } = limits;
  const examination: Examination = {
    cursor: new RecordCursor(source),
    check: createStructureCheck(
      inMaildrop ? { reader: 'pickup', lineLengthLimit, attributeCountLimit } : { reader: 'qmgr' },
    ),
    envelope: createEnvelopeReader(),
    mutableBytes: new MutableRanges(),
    text: new LastingText(),
    segment: 'envelope',
    longestRecord: 0,
    textEnd: Number.POSITIVE_INFINITY,
  };
  const isWhole = walk(examination, inMaildrop ? lineLengthLimit : Number.POSITIVE_INFINITY);
  const { check, cursor, mutableBytes, text } = examination;
  const envelope = finishEnvelope(examination.envelope, source.size, inMaildrop);
  if (isWhole) {
    checkWhole(check, envelope, cursor.offset);
  } else if (cursor.fault !== undefined) {
    addFault(check, cursor.fault);
  }
  return { envelope, faults: check.faults, mutableBytes, text, longestRecord: examination.longestRecord };
}

/** @returns whether the walk came to the end record. */
function walk(examination: Examination, lineLengthLimit: number): boolean {
  const { cursor, check } = examination;
  while (cursor.advance()) {
    if (cursor.payloadLength > examination.longestRecord) {
      examination.longestRecord = cursor.payloadLength;
    }
    if (cursor.payloadLength > lineLengthLimit) {
      const { offset, payloadLength } = cursor;
      addFault(check, { kind: 'long-record', offset, length: payloadLength, limit: lineLengthLimit });
    }
    if (examination.segment === 'content') {
      passContent(examination);
    } else {
      takeEnvelope(examination, examination.segment);
    }
  }
  return cursor.fault === undefined;
}

function passContent(examination: Examination): void {
  const { cursor, check, text } = examination;
  switch (cursor.type) {
    case RECORD_TYPE.normal:
    case RECORD_TYPE.long:
      if (cursor.offset < examination.textEnd) {
        text.add(cursor);
      }
      return;
    case RECORD_TYPE.padding:
      return;
    case RECORD_TYPE.extracted:
      checkMessageEnd(check, cursor.offset);
      examination.segment = 'extracted';
      return;
    default:
      addFault(check, { kind: 'unexpected-type', offset: cursor.offset, type: cursor.type, segment: 'content' });
  }
}

function takeEnvelope(examination: Examination, segment: EnvelopeRecord['segment']): void {
  const { cursor, check } = examination;
  const record = readEnvelopeRecord(cursor, segment);
  checkEnvelopeRecord(check, record);
  addToEnvelope(examination.envelope, record);
  const mutable = mutableBytesOf(record);
  if (mutable !== undefined) {
    examination.mutableBytes.add(mutable);
  }
  if (record.type === RECORD_TYPE.message && segment === 'envelope') {
    checkMessageStart(check, record);
    examination.textEnd = textEndOf(examination.envelope.size);
    examination.segment = 'content';
  }
}

function textEndOf(size: SizeRecord | undefined): number {
  const end = (size?.dataOffset ?? 0) + (size?.dataSize ?? 0);
  return end > 0 ? end : Number.POSITIVE_INFINITY;
}

function mutableBytesOf(record: EnvelopeRecord): MutableBytes | undefined {
  switch (record.type) {
    case RECORD_TYPE.recipient:
    case RECORD_TYPE.done:
      return { offset: record.offset, length: 1, standIn: RECORD_TYPE.recipient };
    case RECORD_TYPE.attribute:
    case RECORD_TYPE.killed:
      return record.attribute?.name === TRACE_FLAGS_ATTRIBUTE
        ? { offset: record.offset, length: 1, standIn: RECORD_TYPE.attribute }
        : undefined;
    case RECORD_TYPE.warning:
      return {
        offset: record.payloadOffset,
        length: Math.min(record.payloadLength, MUTABLE_LENGTH_MAXIMUM),
        standIn: SPACE,
      };
    default:
      return undefined;
  }
}
