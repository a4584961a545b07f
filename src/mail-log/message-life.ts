/**
 * The life of one queue file, and of the files that it was requeued into, as the log tells it: from whenever the log begins
 * to tell of it until it was removed, or the log ends.
 */

import type { DeliveryEvent, LogEvent } from './log-event.ts';

/** How much two times of one message may differ: times in whole seconds, delays with two digits, a log that lags. */
export const TIME_TOLERANCE = 3;

/** The relay of a delivery that got to no host. */
const NOWHERE = 'none';

/** What a recipient's last word was. */
export interface RecipientOutcome {
  readonly to: string;
  readonly origTo: string | undefined;
  readonly status: 'sent' | 'bounced';
  /** Seconds since the epoch. */
  readonly time: number;
  /** What it went on as in the same queue: a forwarded message, what a content filter gave back. */
  readonly wentOnAs: MessageLife | undefined;
  /** The status text names a queue ID that was not seen: whether it is one of this queue nobody can tell. */
  readonly isAstray: boolean;
  /** Of what the recipient expands to it may be a part only. */
  readonly isPart: boolean;
  /** The sender's notice of it was made behind it. */
  isNoticed: boolean;
}

/** A recipient that a line tells of, final or not. */
export type ToldRecipient = Pick<RecipientOutcome, 'to' | 'origTo' | 'isPart'>;

/** How a message's first file is told of when it enters the active queue. */
type ActiveEvent = Extract<LogEvent, { readonly kind: 'active' }>;

export class MessageLife {
  /** When it was taken in; undefined where the log does not tell. */
  readonly born: number | undefined;
  /** Notices of its bounces. */
  readonly notices: MessageLife[] = [];
  readonly outcomes: RecipientOutcome[] = [];
  /** Where deliveries went to: transports, and hosts with their ports. */
  readonly relays: Set<string> = new Set();
  /** Who is told of in any line, that of a deferral too. */
  readonly #told = new Map<string, ToldRecipient>();
  /** Never dropped from memory: of the archive, or what one of it went on as. */
  isKept = false;
  /** bounce(8) made it. */
  isNotice = false;
  messageId: string | undefined;
  removed: { readonly time: number; readonly by: 'qmgr' | 'postsuper' } | undefined;
  /** qmgr(8) returned it to everybody who was still to do. */
  isExpired = false;
  /** Something was returned, and no notice to the sender stands behind it. */
  owesNotice = false;
  /** When the last notice to the sender was made. */
  noticed: number | undefined;
  /** Hosts that lines came from. */
  readonly hosts: Set<string> = new Set();
  /** The IDs that it had, the last one last. */
  readonly queueIds: string[];
  /** It was requeued, so recipients that were done are in no file any more. */
  get isRequeued(): boolean {
    return this.queueIds.length > 1;
  }
  /** What its first file was told of. */
  active: ActiveEvent | undefined;
  /** When it arrived, by the delays: seconds since the epoch. */
  arrival: number | undefined;
  /** The time of the last line. */
  last: number;

  constructor(queueId: string, time: number, isBirth: boolean) {
    this.queueIds = [queueId];
    this.born = isBirth ? time : undefined;
    this.last = time;
  }

  /** Whether a line can be of this life: a short ID is used again, perhaps where the log has a gap. */
  canBeOf(event: LogEvent, time: number): boolean {
    if (event.kind === 'active') {
      return this.active === undefined || this.isRequeued || isAlike(event, this.active);
    }
    return (
      event.kind !== 'delivery' ||
      this.arrival === undefined ||
      Math.abs(time - event.delay - this.arrival) <= TIME_TOLERANCE
    );
  }

  noteActive(event: ActiveEvent): void {
    if (!this.isRequeued) {
      this.active ??= event;
    }
  }

  noteDelivery({ delay, to, origTo, isPart, relay }: DeliveryEvent, time: number): void {
    this.arrival ??= time - delay;
    this.#told.set(`${to}\0${origTo ?? ''}`, { to, origTo, isPart });
    if (relay !== NOWHERE) {
      this.relays.add(relay);
    }
  }

  /** Each recipient that any line tells of. */
  told(): ToldRecipient[] {
    return [...this.#told.values()];
  }
}

function isAlike(one: ActiveEvent, other: ActiveEvent): boolean {
  return one.sender === other.sender && one.size === other.size && one.nrcpt === other.nrcpt;
}
