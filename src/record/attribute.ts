/**
 * Attribute records that stand for another record type, so that an older Postfix can read the file. Authority:
 * rec_attr_map.c, mail_proto.h.
 */

import { RECORD_TYPE } from './record-type.ts';

const RECORD_TYPE_OF_ATTRIBUTE: ReadonlyMap<string, number> = new Map([
  ['dsn_orig_rcpt', RECORD_TYPE.dsnOriginal],
  ['notify_flags', RECORD_TYPE.dsnNotify],
  ['envelope_id', RECORD_TYPE.dsnEnvelopeId],
  ['ret_flags', RECORD_TYPE.dsnReturn],
  ['create_time', RECORD_TYPE.createTime],
]);

/** Which delivery reports were asked for; its record is killed once the report is sent (qmgr_message_kill_record). */
export const TRACE_FLAGS_ATTRIBUTE = 'trace_flags';

/** `local` or `remote`: how cleanup(8) rewrites addresses in the header. */
export const REWRITE_CONTEXT_ATTRIBUTE = 'rewrite_context';

/** rec_attr_map(): the record type that an attribute stands for, if any. */
export function recordTypeOfAttribute(name: string): number | undefined {
  return RECORD_TYPE_OF_ATTRIBUTE.get(name);
}
