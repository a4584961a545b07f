import { runOrFail } from './command.ts';
import type { PostfixInstance, QueueListing } from './instance.ts';

/** What `postqueue -j` shows, by queue ID. */
export async function shownBy(postfix: PostfixInstance): Promise<QueueListing[]> {
  return byId(await postfix.postqueue());
}

/**
 * What `list -j` tells as this version of `postqueue -j` would: without what is postsnap's own, and before Postfix 3.11
 * without original addresses, and without recipients that a bounce is pending for.
 */
export async function asShownBy(postfix: PostfixInstance, listings: readonly QueueListing[]): Promise<QueueListing[]> {
  const { stdout: version } = await runOrFail('postconf', ['-c', postfix.configDirectory, '-h', 'mail_version']);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < 3 || (major === 3 && minor < 11);
  return byId(listings.map((listing) => shownOf(listing, isOld)));
}

function shownOf(listing: QueueListing, isOld: boolean): QueueListing {
  const { queue_name, queue_id, arrival_time, message_size, forced_expire, sender } = listing;
  const recipients = isOld
    ? listing.recipients
        .filter((recipient) => !('bounce_reason' in recipient))
        .map(({ address, delay_reason }) => (delay_reason === undefined ? { address } : { address, delay_reason }))
    : listing.recipients;
  return { queue_name, queue_id, arrival_time, message_size, forced_expire, sender, recipients };
}

function byId<Listing extends { readonly queue_id: string }>(listings: readonly Listing[]): Listing[] {
  return listings.toSorted((one, other) => (one.queue_id < other.queue_id ? -1 : 1));
}
