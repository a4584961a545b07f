/**
 * The types of queue file records, as byte values. Authority: rec_type.h. `N` and `L` are the message; `L` is also the
 * content filter, in the envelope ("it is too late to change that now").
 */
export const RECORD_TYPE = {
  size: 0x43, // C: message size, data offset, recipient count, flags; first record, made by cleanup(8)
  time: 0x54, // T: arrival time
  createTime: 0x63, // c: time of creation, where expiry counts from
  fullName: 0x46, // F: full name of the submitter
  inspector: 0x49, // I: content inspection transport
  filter: 0x4c, // L: content filter transport (in the envelope)
  sender: 0x53, // S
  done: 0x44, // D: recipient that needs no more delivery
  recipient: 0x52, // R: recipient still to do
  originalRecipient: 0x4f, // O: as it was before cleanup(8) rewrote it; stands before R or D
  canceledRecipient: 0x2f, // /: removed by a Milter
  warning: 0x57, // W: time of the next "mail delayed" notice; -1 once it is sent
  attribute: 0x41, // A: name=value
  killed: 0x4b, // K: a record that counts no more
  redirect: 0x3e, // >
  flags: 0x66, // f: to cleanup(8) only, in no file
  message: 0x4d, // M: the message starts
  long: 0x4c, // L: part of a line (in the message)
  normal: 0x4e, // N: a line, or its last part
  padding: 0x77, // w
  extracted: 0x58, // X: the message ends; what was extracted from its headers follows
  returnReceipt: 0x72, // r
  errorsTo: 0x65, // e
  priority: 0x50, // P
  pointer: 0x70, // p: the next record is elsewhere
  verp: 0x56, // V
  dsnReturn: 0x3c, // <
  dsnEnvelopeId: 0x69, // i
  dsnOriginal: 0x6f, // o
  dsnNotify: 0x6e, // n
  end: 0x45, // E
} as const;

export type Segment = 'envelope' | 'content' | 'extracted';

/** The types that pickup(8) allows in each segment (rec_type.h: REC_TYPE_ENVELOPE, _CONTENT, _EXTRACT). */
const ALLOWED: Record<Segment, string> = {
  envelope: 'MCTcFILSDRO/WVA>K<ion',
  content: 'XLNw',
  extracted: 'EDRO/PreAFIL>Kon',
};

const ALLOWED_BYTES: Record<Segment, ReadonlySet<number>> = {
  envelope: new Set(Buffer.from(ALLOWED.envelope)),
  content: new Set(Buffer.from(ALLOWED.content)),
  extracted: new Set(Buffer.from(ALLOWED.extracted)),
};

/** Whether pickup(8) lets a record of the type stand in the segment. */
export function isAllowedIn(segment: Segment, type: number): boolean {
  return ALLOWED_BYTES[segment].has(type);
}

/** Whether qmgr(8) lets a record of the type stand outside the message: it makes no difference before and after. */
export function isEnvelopeType(type: number): boolean {
  return ALLOWED_BYTES.envelope.has(type) || ALLOWED_BYTES.extracted.has(type);
}
