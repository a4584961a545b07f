/** A message that the log is asked for; senders and recipients as the log names them, and as postqueue(1) prints them. */

/** What is known of the message by its archive. */
export interface LoggedMessage {
  readonly queue_id: string;
  /** Seconds since the epoch. */
  readonly arrival_time: number;
  readonly arrival_microseconds?: number | undefined;
  /** As postqueue(1) prints it. */
  readonly sender: string;
  readonly message_size: number;
  /** Recipients that are still to do, at least. */
  readonly recipients: readonly PrintedRecipient[];
  readonly recipients_omitted?: number | undefined;
  /** `transport:destination`, where the message goes through a content filter. */
  readonly content_filter?: string | undefined;
  /** Postfix owed a notice when the snapshot was taken, of what these logs tell. */
  readonly pending?: boolean;
  readonly logs?: readonly string[];
}

/** A recipient as postqueue(1) prints it. */
export interface PrintedRecipient {
  readonly address: string;
  readonly orig_address?: string | undefined;
}

/** A recipient as the log names it. */
export interface LoggedRecipient {
  readonly to: string;
  /** Absent where it is `to`. */
  readonly origTo?: string | undefined;
}

/** As postqueue(1) prints the null sender. */
export const NULL_SENDER = 'MAILER-DAEMON';

/** Whether a line of the log is about a recipient of the archive. */
export function isOf({ to, origTo }: LoggedRecipient, recipient: PrintedRecipient): boolean {
  return (
    // `?` stands for any byte that is not printable.
    !to.includes('?') &&
    isAddress(to, recipient.address) &&
    (origTo === undefined ? isPlain(recipient) : isAddress(origTo, recipient.orig_address ?? recipient.address))
  );
}

/** The log tells no original address that is the address, letters' case aside (log_adhoc.c), or that is missing. */
function isPlain({ address, orig_address = '' }: PrintedRecipient): boolean {
  return orig_address === '' || orig_address.toLowerCase() === address.toLowerCase();
}

/** Whether the log's `from=<…>` is a sender. */
export function isSender(logged: string, printed: string): boolean {
  return (logged === '' && printed === NULL_SENDER) || isAddress(logged, printed);
}

function isAddress(logged: string, printed: string): boolean {
  return logged === printed || logged === unquoted(printed);
}

/** Before Postfix 3.5 the log has addresses as they stand in the queue file (info_log_addr_form). */
export function unquoted(address: string): string {
  const [, local, domain] = /^"(.*)"(@[^"]*)?$/su.exec(address) ?? [];
  return local === undefined ? address : `${local.replaceAll(/\\(.)/gsu, '$1')}${domain ?? ''}`;
}
