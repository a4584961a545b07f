/**
 * Whether Postfix will take a queue file. Authority: pickup.c (copy_segment) and what cleanup(8) refuses of it
 * (cleanup_envelope.c, cleanup_extracted.c, cleanup_api.c), for maildrop; qmgr_message.c (qmgr_message_read) and the
 * delivery agents (mail_copy.c, mark_corrupt), for the other queues; postdrop.c of 2026 on line breaks, for all.
 */

import { REWRITE_CONTEXT_ATTRIBUTE, TRACE_FLAGS_ATTRIBUTE } from './attribute.ts';
import type { Envelope } from './envelope.ts';
import type { EnvelopeRecord } from './envelope-record.ts';
import type { RecordFault } from './record-fault.ts';
import { isDigits, leadingNumber } from './record-text.ts';
import { isAllowedIn, isEnvelopeType, RECORD_TYPE } from './record-type.ts';
import { isValidSizeRecord, parseSizeRecord, type SizeRecord } from './size-record.ts';

/** Who reads the file first, and the limits that it sets. Of qmgr(8) there are none. */
export type StructureRules =
  | { readonly reader: 'pickup'; readonly lineLengthLimit: number; readonly attributeCountLimit: number }
  | { readonly reader: 'qmgr' };

export interface StructureCheck {
  readonly rules: StructureRules;
  readonly faults: RecordFault[];
  /** Where qmgr(8) looks for the end of the message. */
  expectedMessageEnd: number | undefined;
  size: SizeRecord | undefined;
  senderSeen: boolean;
  timeSeen: boolean;
  readonly attributeNames: Set<string>;
}

/** The types whose payload ends up in an address, a log or a header line. */
const LINE_TYPES: ReadonlySet<number> = new Set([
  RECORD_TYPE.sender,
  RECORD_TYPE.recipient,
  RECORD_TYPE.done,
  RECORD_TYPE.originalRecipient,
  RECORD_TYPE.canceledRecipient,
  RECORD_TYPE.fullName,
  RECORD_TYPE.filter,
  RECORD_TYPE.inspector,
  RECORD_TYPE.redirect,
  RECORD_TYPE.verp,
  RECORD_TYPE.dsnOriginal,
  RECORD_TYPE.dsnEnvelopeId,
]);

const LINE_BREAK = /[\0\r\n]/;
/** all_isprint_tab() */
const PRINTABLE_OR_TAB = /^[\t\x20-\x7e]*$/;

/** REC_TYPE_ENV_RECIPIENT without M: cleanup(8) wants the sender before these. */
const RECIPIENT_TYPES: ReadonlySet<number> = new Set(Buffer.from('DRO/Kon'));

export function createStructureCheck(rules: StructureRules): StructureCheck {
  return {
    rules,
    faults: [],
    expectedMessageEnd: undefined,
    size: undefined,
    senderSeen: false,
    timeSeen: false,
    attributeNames: new Set(),
  };
}

/** Adds a fault, unless one of its kind is there: a broken file can have as many as it has records. */
export function addFault(check: StructureCheck, fault: RecordFault): void {
  if (!check.faults.some(({ kind }) => kind === fault.kind)) {
    check.faults.push(fault);
  }
}

/** Checks a record that stands before the message or behind it. */
export function checkEnvelopeRecord(check: StructureCheck, record: EnvelopeRecord): void {
  const { segment, offset, type } = record;
  const isAllowed =
    check.rules.reader === 'pickup' ? isAllowedIn(segment, type) || type === RECORD_TYPE.padding : isEnvelopeType(type);
  if (!isAllowed || (type === RECORD_TYPE.end && segment === 'envelope')) {
    addFault(check, { kind: 'unexpected-type', offset, type, segment });
  }
  if (type === RECORD_TYPE.attribute && record.attribute === undefined) {
    addFault(check, { kind: 'bad-attribute', offset });
  }
  if (isOneLine(check.rules, record) && (LINE_BREAK.test(record.text) || record.breaksBeyondText)) {
    addFault(check, { kind: 'line-break', offset, type });
  }
  if (check.rules.reader === 'pickup') {
    checkForCleanup(check, record, check.rules.attributeCountLimit);
  } else if (record.type === RECORD_TYPE.size) {
    checkSize(check, record);
  }
  check.senderSeen ||= type === RECORD_TYPE.sender;
  check.timeSeen ||= type === RECORD_TYPE.time;
}

/** postdrop(1) allows no line break in any record but the message's. An attribute of cleanup(8) may hold a folded line. */
function isOneLine(rules: StructureRules, { segment, type, mappedType }: EnvelopeRecord): boolean {
  return (
    LINE_TYPES.has(mappedType) ||
    (rules.reader === 'pickup' && segment === 'envelope' && type === RECORD_TYPE.attribute)
  );
}

function checkSize(check: StructureCheck, { offset, text }: EnvelopeRecord): void {
  // qmgr(8) takes the first size record only: cleanup(8) of Postfix 2.0 and before kept obsolete ones.
  if (check.size === undefined) {
    check.size = parseSizeRecord(text);
    if (!isValidSizeRecord(check.size)) {
      addFault(check, { kind: 'bad-size', offset });
    }
  }
}

function checkForCleanup(check: StructureCheck, record: EnvelopeRecord, attributeCountLimit: number): void {
  const { segment, offset, type } = record;
  if (type === RECORD_TYPE.sender && check.senderSeen) {
    addFault(check, { kind: 'second-sender', offset });
  }
  if (RECIPIENT_TYPES.has(type) && !check.senderSeen) {
    addFault(check, { kind: 'early-recipient', offset });
  }
  if (segment === 'envelope') {
    checkValue(check, record);
    if (record.attribute !== undefined && type === RECORD_TYPE.attribute && record.mappedType === type) {
      if (check.attributeNames.size <= attributeCountLimit) {
        check.attributeNames.add(record.attribute.name);
      }
      if (check.attributeNames.size > attributeCountLimit) {
        addFault(check, { kind: 'many-attributes', offset, limit: attributeCountLimit });
      }
    }
  }
}

/** An empty value is a place holder, and ignored. */
function checkValue(check: StructureCheck, { offset, type, mappedType, attribute, value }: EnvelopeRecord): void {
  const name = attribute?.name ?? String.fromCharCode(type);
  const isGood =
    attribute?.value === '' ||
    (mappedType === RECORD_TYPE.dsnEnvelopeId
      ? PRINTABLE_OR_TAB.test(value)
      : mappedType === RECORD_TYPE.dsnReturn
        ? isDigits(value) && (Number(value) === 1 || Number(value) === 2)
        : type !== RECORD_TYPE.attribute || attribute === undefined || isGoodAttribute(name, attribute.value));
  if (!isGood) {
    addFault(check, { kind: 'bad-attribute-value', offset, name });
  }
}

function isGoodAttribute(name: string, value: string): boolean {
  switch (name) {
    case REWRITE_CONTEXT_ATTRIBUTE:
      return value === 'local' || value === 'remote';
    case TRACE_FLAGS_ATTRIBUTE:
      return isDigits(value);
    default:
      return true;
  }
}

/** Checks that the message starts where the size record says: qmgr(8) goes by that alone. */
export function checkMessageStart(check: StructureCheck, record: EnvelopeRecord): void {
  if (check.rules.reader === 'pickup') {
    return;
  }
  const { size } = check;
  if (size === undefined) {
    addFault(check, { kind: 'missing-size', offset: record.offset });
  } else if (size.dataOffset === undefined) {
    // Before Postfix 1.0 the message record told where the message ends (qmgr_message_oldstyle_scan).
    check.expectedMessageEnd = leadingNumber(record.value);
  } else {
    check.expectedMessageEnd = size.dataOffset + size.dataSize;
    if (size.dataOffset !== record.endOffset) {
      addFault(check, { kind: 'wrong-data-offset', offset: record.endOffset, expected: size.dataOffset });
    }
  }
}

/** Checks that the message ends where the size record says. */
export function checkMessageEnd(check: StructureCheck, offset: number): void {
  const expected = check.expectedMessageEnd;
  if (expected !== undefined && expected !== offset) {
    addFault(check, { kind: 'wrong-data-size', offset, expected });
  }
}

/** Checks what only the whole file shows. */
export function checkWhole(check: StructureCheck, envelope: Envelope, offset: number): void {
  // pickup(8) takes the file's time where there is no time record.
  const timeNeeded = check.rules.reader === 'qmgr' || check.timeSeen;
  if (timeNeeded && (envelope.arrival?.seconds ?? 0) === 0) {
    addFault(check, { kind: 'missing-time', offset });
  }
  if (envelope.sender === undefined) {
    addFault(check, { kind: 'missing-sender', offset });
  }
  if (check.rules.reader === 'pickup' && envelope.recipientsToDo === 0) {
    addFault(check, { kind: 'missing-recipient', offset });
  }
}
