/** What is to be said of copies that are in the archive, and that something is odd about. */

import type { Header } from '../format/header.ts';
import type { OperationControl } from '../operation.ts';
import type { CopyRemark, Snapshot } from './snapshot.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** When a snapshot was begun, in nanoseconds since the epoch. */
export function nowOf({ started }: Pick<Header, 'started'>): bigint {
  return BigInt(Date.parse(started)) * NANOSECONDS_PER_MILLISECOND;
}

const TWICE =
  'messages in maildrop arrived in the same microsecond as others in the queue: where pickup was taking them just then, both copies are in the archive, and a restore of both sends the message twice';

/** In the order in which they are told. */
const TEXTS: readonly (readonly [CopyRemark, (files: string) => string])[] = [
  [
    'mode lost',
    (files) =>
      `${files} in the archive without the mode of a finished queue file (0700): Postfix passes over such where they are; a restore gives them the right one`,
  ],
  [
    'shortened',
    (files) =>
      `${files} in the archive whole, but with a shortened line in the catalogue: they hold more, or larger numbers, than a list can show`,
  ],
];

/** Tells how many copies each remark holds for. */
export function tellRemarks(
  { remarks, mayBeTwice }: Pick<Snapshot, 'remarks' | 'mayBeTwice'>,
  { onEvent }: OperationControl,
): void {
  if (mayBeTwice) {
    onEvent?.({ kind: 'warning', message: TWICE });
  }
  for (const [remark, text] of TEXTS) {
    const count = remarks.get(remark) ?? 0;
    if (count > 0) {
      onEvent?.({ kind: 'warning', message: text(count === 1 ? '1 message is' : `${count} messages are`) });
    }
  }
}
