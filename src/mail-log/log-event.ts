/** What a line of the log says of a message. */

export type LogEvent =
  /** smtpd(8), qmqpd(8) or pickup(8) takes a message in. `origId`: it was requeued, and had this ID before (pickup.c). */
  | { readonly kind: 'taken-in'; readonly origId?: string }
  /** cleanup(8): the first that is told of a notice, and of what local(8) forwards. */
  | { readonly kind: 'message-id'; readonly messageId: string }
  /** qmgr(8) takes it into the active queue. `nrcpt` counts the recipients that are done, too (qmgr_message.c). */
  | { readonly kind: 'active'; readonly sender: string; readonly size: number; readonly nrcpt: number }
  | DeliveryEvent
  /** qmgr(8) returns it for its age, or since postsuper -e asked for it. */
  | { readonly kind: 'expired' }
  /** bounce(8): the notice to the sender or the postmaster is a message of its own. */
  | { readonly kind: 'notice'; readonly queueId: string; readonly isToSender: boolean }
  | { readonly kind: 'removed' }
  /** `postsuper -d`. */
  | { readonly kind: 'deleted' }
  /** `postsuper -r`. */
  | { readonly kind: 'requeued' };

/** What became of a recipient in one attempt (log_adhoc.c). */
export interface DeliveryEvent {
  readonly kind: 'delivery';
  readonly to: string;
  /** Absent where it is `to`. */
  readonly origTo?: string;
  /** The transport, or the host that took it. */
  readonly relay: string;
  /** Seconds since the arrival: whole ones from 10 on, else with two significant digits. */
  readonly delay: number;
  readonly status: string;
  readonly text: string;
  /** local(8) logs one line for each mailbox, command and forwarded message that a recipient expands to. */
  readonly isPart: boolean;
}

/** One line's message and event. */
export interface MessageEvent {
  readonly queueId: string;
  readonly event: LogEvent;
}

const QUEUE_ID = /^([0-9A-Za-z]{6,255}): (.*)$/su;
const TAKEN_IN = /^(?:client=|uid=)/u;
const ORIG_ID = /^uid=\d+ from=<.*> orig_id=([0-9A-Za-z]{6,255})$/su;
const MESSAGE_ID = /^message-id=<?(.*?)>?$/su;
const ACTIVE = /^from=<(.*)>, size=(\d+), nrcpt=(\d+) \(queue active\)$/su;
const EXPIRED = /^from=<.*>, status=(?:force-)?expired, returned to sender$/su;
const NOTICE = /^(sender|postmaster) non-delivery notification: ([0-9A-Za-z]{6,255})$/u;
/**
 * What stands between `<` and `>` comes from strangers, and so does the text behind the status. From Postfix 3.11 on smtp(8)
 * tells of TLS, too: `tls=may:none`, `tls=dane/requiretls:nomatch?` (postconf(5), smtp_log_tls_feature_status).
 */
const DELIVERY =
  /^to=<(.*?)>, (?:orig_to=<(.*?)>, )?relay=([^,]*), (?:conn_use=\d+, )?delay=(\d+(?:\.\d+)?), delays=[\d./]+, (?:tls=[\w:/!?-]+, )?dsn=\d\.\d{1,3}\.\d{1,3}, status=([\w-]+) \((.*)\)$/su;

/** @returns undefined for what tells of no message, or nothing that matters here */
export function eventOf(program: string, text: string): MessageEvent | undefined {
  const [, queueId, told] = QUEUE_ID.exec(text) ?? [];
  const event = queueId === undefined || told === undefined ? undefined : readEvent(program, told);
  return queueId === undefined || event === undefined ? undefined : { queueId, event };
}

function readEvent(program: string, told: string): LogEvent | undefined {
  switch (program) {
    case 'smtpd':
    case 'qmqpd':
    case 'pickup':
      return takenIn(told);
    case 'cleanup':
      return messageId(told);
    case 'qmgr':
      return ofQueueManager(told);
    case 'postsuper':
      return told === 'removed' ? { kind: 'deleted' } : told === 'requeued' ? { kind: 'requeued' } : undefined;
    case 'bounce':
      return notice(told);
    default:
      return told.startsWith('to=<') ? delivery(told, program === 'local') : undefined;
  }
}

function takenIn(told: string): LogEvent | undefined {
  if (!TAKEN_IN.test(told)) {
    return undefined;
  }
  const origId = ORIG_ID.exec(told)?.[1];
  return { kind: 'taken-in', ...(origId === undefined ? {} : { origId }) };
}

function messageId(told: string): LogEvent | undefined {
  const [, id] = MESSAGE_ID.exec(told) ?? [];
  return id === undefined ? undefined : { kind: 'message-id', messageId: id };
}

/** qmgr(8) also tells of recipients: those that have no transport, or a dead destination (qmgr_defer.c, qmgr_bounce.c). */
function ofQueueManager(told: string): LogEvent | undefined {
  if (told === 'removed') {
    return { kind: 'removed' };
  }
  if (told.startsWith('to=<')) {
    return delivery(told);
  }
  const [, sender, size, nrcpt] = ACTIVE.exec(told) ?? [];
  if (sender !== undefined) {
    return { kind: 'active', sender, size: Number(size), nrcpt: Number(nrcpt) };
  }
  return EXPIRED.test(told) ? { kind: 'expired' } : undefined;
}

function notice(told: string): LogEvent | undefined {
  const [, whom, queueId] = NOTICE.exec(told) ?? [];
  return queueId === undefined ? undefined : { kind: 'notice', queueId, isToSender: whom === 'sender' };
}

/** An address may hold what looks like the rest of a line: then nobody can tell where it ends. */
const ADDRESS_END = />, (?:orig_to=<|relay=)/gu;

function delivery(told: string, isPart = false): DeliveryEvent | undefined {
  const [, to, origTo, relay = '', delay, status, text = ''] = DELIVERY.exec(told) ?? [];
  const isAmbiguous = (told.match(ADDRESS_END)?.length ?? 0) > (origTo === undefined ? 1 : 2);
  return to === undefined || status === undefined || isAmbiguous
    ? undefined
    : {
        kind: 'delivery',
        to,
        ...(origTo === undefined ? {} : { origTo }),
        relay,
        delay: Number(delay),
        status,
        text,
        isPart,
      };
}
