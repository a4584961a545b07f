/**
 * What makes Postfix refuse a queue file: pickup(8) deletes it, qmgr(8) or a delivery agent moves it to corrupt.
 */

import type { Segment } from './record-type.ts';

export type RecordFault =
  /** The file ends within a record. */
  | { readonly kind: 'cut-record'; readonly offset: number }
  /** The length of a record takes more than four bytes. */
  | { readonly kind: 'overlong-length'; readonly offset: number }
  /** The type byte is 0. Before 2026 pickup(8) took such a record for the end of its segment. */
  | { readonly kind: 'null-type'; readonly offset: number }
  /** The file ends, and there was no end record. */
  | { readonly kind: 'missing-end'; readonly offset: number }
  /** A pointer record holds no offset. */
  | { readonly kind: 'bad-pointer'; readonly offset: number }
  /** Pointer records lead to what was read before. */
  | { readonly kind: 'pointer-loop'; readonly offset: number }
  /** A record of this type must not stand in this part of the file. */
  | { readonly kind: 'unexpected-type'; readonly offset: number; readonly type: number; readonly segment: Segment }
  /** Longer than line_length_limit: pickup(8) deletes the file. */
  | { readonly kind: 'long-record'; readonly offset: number; readonly length: number; readonly limit: number }
  /** NUL, carriage return or line feed in a record of the envelope. */
  | { readonly kind: 'line-break'; readonly offset: number; readonly type: number }
  /** An attribute record that is not `name=value`. */
  | { readonly kind: 'bad-attribute'; readonly offset: number }
  /** An attribute with a value that cleanup(8) refuses. */
  | { readonly kind: 'bad-attribute-value'; readonly offset: number; readonly name: string }
  /** More attributes than queue_file_attribute_count_limit. */
  | { readonly kind: 'many-attributes'; readonly offset: number; readonly limit: number }
  /** The size record does not hold what it must. */
  | { readonly kind: 'bad-size'; readonly offset: number }
  | { readonly kind: 'missing-size'; readonly offset: number }
  /** The message starts elsewhere than the size record says. */
  | { readonly kind: 'wrong-data-offset'; readonly offset: number; readonly expected: number }
  /** The message ends elsewhere than the size record says. */
  | { readonly kind: 'wrong-data-size'; readonly offset: number; readonly expected: number }
  | { readonly kind: 'missing-time'; readonly offset: number }
  | { readonly kind: 'missing-sender'; readonly offset: number }
  | { readonly kind: 'second-sender'; readonly offset: number }
  | { readonly kind: 'early-recipient'; readonly offset: number }
  /** Nobody to deliver to: pickup(8) deletes the file. */
  | { readonly kind: 'missing-recipient'; readonly offset: number };

const NAME_SHOWN = 100;

/** Says a fault in one line, without the file's name. */
export function describeFault(fault: RecordFault): string {
  return `${statement(fault)} at offset ${fault.offset}`;
}

function statement(fault: RecordFault): string {
  switch (fault.kind) {
    case 'cut-record':
      return 'the file ends within the record';
    case 'overlong-length':
      return 'too many length bytes in the record';
    case 'null-type':
      return 'a record of type 0';
    case 'missing-end':
      return 'no end record; the file ends';
    case 'bad-pointer':
      return 'a pointer record without an offset';
    case 'pointer-loop':
      return 'a pointer record that leads to records read before';
    case 'unexpected-type':
      return `a record of type ${typeName(fault.type)} in the ${fault.segment} segment`;
    case 'long-record':
      return `a record of ${fault.length} bytes, more than the line_length_limit of ${fault.limit},`;
    case 'line-break':
      return `NUL or a line break in the record of type ${typeName(fault.type)}`;
    case 'bad-attribute':
      return 'an attribute record that is not name=value';
    case 'bad-attribute-value':
      return `the attribute ${shownName(fault.name)} with a value that Postfix refuses`;
    case 'many-attributes':
      return `more attributes than the queue_file_attribute_count_limit of ${fault.limit}`;
    case 'bad-size':
      return 'a malformed size record';
    case 'missing-size':
      return 'no size record before the message, which starts';
    case 'wrong-data-offset':
      return `the message should start at offset ${fault.expected}, but starts`;
    case 'wrong-data-size':
      return `the message should end at offset ${fault.expected}, but ends`;
    case 'missing-time':
      return 'no arrival time record; the file ends';
    case 'missing-sender':
      return 'no sender record';
    case 'second-sender':
      return 'a second sender record';
    case 'early-recipient':
      return 'a recipient record before the sender record';
    case 'missing-recipient':
      return 'no recipient that is still to do; the file ends';
  }
}

/** A name may be as long as the file. */
function shownName(name: string): string {
  return name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}...` : name;
}

function typeName(type: number): string {
  return type > 0x20 && type < 0x7f ? `"${String.fromCharCode(type)}"` : String(type);
}
