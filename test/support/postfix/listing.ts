/** What the newest Postfix lists, as older ones do. */

import type { PostfixInstance, QueueListing } from './instance.ts';
import { isPostfixBefore } from './version.ts';

/** What `postqueue -j` shows, by queue ID. */
export async function shownBy(postfix: PostfixInstance): Promise<QueueListing[]> {
  return byId((await postfix.postqueue()).map(withComparableSize));
}

/** What `list -j` tells as the installed `postqueue -j` would: without what is postsnap's own, and what is newer. */
export function asShownBy(listings: readonly QueueListing[]): QueueListing[] {
  return byId(listings.map(shownOf).map(withComparableSize));
}

/** Before Postfix 3.11 there are no original addresses, and no recipients that a bounce is pending for. */
function shownOf(listing: QueueListing): QueueListing {
  const { queue_name, queue_id, arrival_time, message_size, forced_expire, sender } = listing;
  const recipients = isPostfixBefore(3, 11)
    ? listing.recipients
        .filter((recipient) => !('bounce_reason' in recipient))
        .map(({ address, delay_reason }) => (delay_reason === undefined ? { address } : { address, delay_reason }))
    : listing.recipients;
  return { queue_name, queue_id, arrival_time, message_size, forced_expire, sender, recipients };
}

/** In maildrop, showq(8) believed the size record until a patch of 2025, which 3.11 has and each 3.5 to 3.10 may have. */
function withComparableSize<Listing extends QueueListing>(listing: Listing): Listing {
  return listing.queue_name === 'maildrop' && isPostfixBefore(3, 11) ? { ...listing, message_size: 0 } : listing;
}

function byId<Listing extends { readonly queue_id: string }>(listings: readonly Listing[]): Listing[] {
  return listings.toSorted((one, other) => (one.queue_id < other.queue_id ? -1 : 1));
}
