/**
 * What the log proves of a message of the archive. Whatever is in doubt proves nothing: then the message is restored, and
 * somebody may get it twice, rather than not at all.
 */

import { parseQueueId } from '../queue/queue-id.ts';
import { Judge } from './judge.ts';
import { isSender, type LoggedMessage, type LoggedRecipient } from './logged-message.ts';
import type { MailLog } from './mail-log.ts';
import { type MessageLife, TIME_TOLERANCE } from './message-life.ts';

/** When the snapshot was taken: seconds since the epoch. */
export interface SnapshotTime {
  readonly started: number;
  readonly finished: number;
}

export type Evidence =
  /** Nothing that matters is told of it. */
  | { readonly kind: 'none' }
  /** Lines of its ID do not fit it, or fit two messages. */
  | { readonly kind: 'doubt' }
  /** Everybody has it, or a notice of it; or it was deleted by hand. */
  | { readonly kind: 'over' }
  /** It goes on, under the last of these IDs; these recipients have it. */
  | { readonly kind: 'going-on'; readonly done: readonly LoggedRecipient[]; readonly queueId: string };

/** Rounding of times in whole seconds. */
const SECOND = 1;
const MICROSECONDS = 1_000_000;

/** What the log proves of one message. */
export function evidenceOf(log: MailLog, message: LoggedMessage, snapshot: SnapshotTime): Evidence {
  const lives = log.livesOf(message.queue_id).filter((life) => isOfTime(life, snapshot));
  const fitting = lives.filter((life) => fits(life, message));
  const [life] = fitting;
  if (life === undefined || fitting.length > 1) {
    return { kind: lives.some(({ last }) => last >= snapshot.started) ? 'doubt' : 'none' };
  }
  if (life.last < snapshot.started - SECOND) {
    return { kind: 'none' };
  }
  const judge = new Judge(log, { life, message, since: snapshot.started - SECOND });
  if (judge.isOver(life)) {
    return { kind: 'over' };
  }
  const done = judge.outcomes().filter((outcome) => judge.isDone(outcome));
  return {
    kind: 'going-on',
    done: done.map(({ to, origTo }) => ({ to, ...(origTo === undefined ? {} : { origTo }) })),
    queueId: life.queueIds.at(-1) ?? message.queue_id,
  };
}

/** Not over before the snapshot, and not begun after it. */
function isOfTime({ born, removed }: MessageLife, { started, finished }: SnapshotTime): boolean {
  return (
    (born === undefined || born <= finished + SECOND) && (removed === undefined || removed.time >= started - SECOND)
  );
}

/** A long ID is used once; of a short one the log must tell what is true of this message, and nothing else. */
function fits(life: MessageLife, message: LoggedMessage): boolean {
  const { active, arrival, born, hosts } = life;
  const isOther =
    active !== undefined &&
    (active.size !== message.message_size ||
      !isSender(active.sender, message.sender) ||
      active.nrcpt < message.recipients.length);
  if (isOther || hosts.size > 1) {
    return false;
  }
  if (parseQueueId(message.queue_id)?.form === 'long') {
    return true;
  }
  const arrived = message.arrival_time + (message.arrival_microseconds ?? 0) / MICROSECONDS;
  const isNear = (time: number | undefined): boolean =>
    time !== undefined && Math.abs(time - arrived) <= TIME_TOLERANCE;
  return arrival === undefined ? isNear(born) && active !== undefined : isNear(arrival);
}
