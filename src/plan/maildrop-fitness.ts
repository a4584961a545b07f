/**
 * What pickup(8) and cleanup(8) would delete or return, though qmgr(8) takes it: known from the catalogue. Authority: pickup.c
 * (a record above line_length_limit: the file is removed), cleanup_init.c and cleanup_out.c (a file above message_size_limit:
 * returned), cleanup_message.c (Received headers up to hopcount_limit: returned), cleanup_envelope.c (attributes above
 * queue_file_attribute_count_limit: removed).
 */

import type { MessageLine } from '../format/catalogue-line.ts';

/** Postfix parameters that bound what goes through maildrop; infinite where there is no bound. */
export interface MaildropLimits {
  /** message_size_limit, of the whole queue file. */
  readonly messageSize: number;
  /** line_length_limit, of each record. */
  readonly lineLength: number;
  /** queue_file_attribute_count_limit. */
  readonly attributes: number;
  /** hopcount_limit. */
  readonly hops: number;
}

export type UnfitCause = 'too-big' | 'long-record' | 'many-attributes' | 'many-hops';

export interface Unfit {
  readonly cause: UnfitCause;
  readonly value: number;
  readonly limit: number;
}

/** What cleanup(8) adds to a file that it writes anew: a Received header, an attribute or two. */
const ADDED_BYTES = 1024;

/** Why a message must not go through maildrop; undefined if it may. */
export function unfitForMaildrop(message: MessageLine, limits: MaildropLimits): Unfit | undefined {
  const { queue_name, file_size, longest_record = 0, attribute_count = 0, hops = 0 } = message;
  // A submission was let into maildrop under the same limit: only what is above it for certain is kept off.
  const size = queue_name === 'maildrop' ? file_size : file_size + ADDED_BYTES;
  // pickup(8) adds one Received header more.
  const rows: readonly (readonly [UnfitCause, number, number, boolean])[] = [
    ['too-big', file_size, limits.messageSize, size > limits.messageSize],
    ['long-record', longest_record, limits.lineLength, longest_record > limits.lineLength],
    ['many-attributes', attribute_count, limits.attributes, attribute_count > limits.attributes],
    ['many-hops', hops, limits.hops, hops + 1 >= limits.hops],
  ];
  const found = rows.find(([, , , isUnfit]) => isUnfit);
  return found === undefined ? undefined : { cause: found[0], value: found[1], limit: found[2] };
}
