/** A record of an envelope, as Postfix takes it when it stands in a queue file. */

import { recordTypeOfAttribute } from './attribute.ts';
import type { RecordCursor } from './record-cursor.ts';
import { cString, type NameValue, splitNameValue } from './record-text.ts';
import { RECORD_TYPE, type Segment } from './record-type.ts';

/** A record outside the message, read once for the envelope and for the structure check. */
export interface EnvelopeRecord {
  readonly segment: Exclude<Segment, 'content'>;
  readonly offset: number;
  readonly endOffset: number;
  readonly payloadOffset: number;
  readonly payloadLength: number;
  readonly type: number;
  /** The type that an attribute record stands for, or else the type (rec_attr_map.c). */
  readonly mappedType: number;
  /** The payload as Latin-1, one character a byte; of a very long one the beginning (see RecordCursor.text). */
  readonly text: string;
  /** Whether NUL, CR or LF stands in the payload behind the text. */
  readonly breaksBeyondText: boolean;
  /** What Postfix takes for the value: the attribute's where it stands for another type, and never beyond a NUL. */
  readonly value: string;
  /** Of an attribute or killed record; `undefined` where the payload is not `name=value`. */
  readonly attribute: NameValue | undefined;
}

function isLineBreak(byte: number): boolean {
  return byte === 0x00 || byte === 0x0a || byte === 0x0d;
}

/** Reads the record at the cursor. */
export function readEnvelopeRecord(cursor: RecordCursor, segment: EnvelopeRecord['segment']): EnvelopeRecord {
  const { offset, endOffset, payloadOffset, payloadLength, type } = cursor;
  const text = cursor.text();
  const isNamed = type === RECORD_TYPE.attribute || type === RECORD_TYPE.killed;
  const attribute = isNamed ? splitNameValue(text) : undefined;
  const standsFor =
    type === RECORD_TYPE.attribute && attribute !== undefined ? recordTypeOfAttribute(attribute.name) : undefined;
  const value = attribute !== undefined && standsFor !== undefined ? attribute.value : cString(text);
  const mappedType = standsFor ?? type;
  const breaksBeyondText = cursor.hasBeyondText(isLineBreak);
  return {
    segment,
    offset,
    endOffset,
    payloadOffset,
    payloadLength,
    type,
    mappedType,
    text,
    breaksBeyondText,
    value,
    attribute,
  };
}
