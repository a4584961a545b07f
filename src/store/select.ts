/** One snapshot of a store, by the words of whoever wants it. Pure. */

import { OperatorError } from '../errors.ts';
import { isChosenLine, type LineChoice } from './line-name.ts';
import { byLine, type StoredSnapshot } from './snapshot.ts';
import { formatStamp } from './utc-stamp.ts';

const LATEST = 'latest';

export interface SnapshotChoice extends LineChoice {
  /** `latest`, the short id or the beginning of it, or a time or the beginning of it. */
  readonly snapshot: string;
  /** For messages. */
  readonly storeName?: string;
}

/** The beginning of a short id: fewer digits are more often a slip than a choice. */
const ID_BEGINNING = /^[0-9a-f]{4,8}$/u;
/** `2025`, `20251126`, `2025-11-26T03`, `20251126T031500Z`. */
const TIME_BEGINNING = /^\d{4}[-\d]{0,6}(?:[T ][\d:]{0,8}Z?)?$/u;
const NAMED_AT_MOST = 5;

/** The snapshots of the lines that are meant. */
export function chosenLines(snapshots: readonly StoredSnapshot[], choice: LineChoice): StoredSnapshot[] {
  return snapshots.filter(({ line }) => isChosenLine(line, choice));
}

/**
 * @param now - milliseconds since the epoch: what is dated in the future is the latest only where there is nothing else
 * @throws OperatorError `not-found`: there is none; `usage`: there are several
 */
export function selectSnapshot(
  snapshots: readonly StoredSnapshot[],
  choice: SnapshotChoice,
  now: number,
): StoredSnapshot {
  const within = chosenLines(snapshots, choice);
  const found = choice.snapshot === LATEST ? latestOfEach(within, now) : within.filter(isMeant(choice.snapshot));
  const [first, second] = found;
  if (first === undefined) {
    throw notFound(choice, within.length);
  }
  if (second !== undefined) {
    throw new OperatorError('usage', `${choice.snapshot} is ${found.length} snapshots: ${named(found)}`, {
      nextStep: 'Name one by its short id, or one host and instance.',
    });
  }
  return first;
}

/**
 * The newest of all lines that are meant.
 *
 * @param now - milliseconds since the epoch, as for {@link selectSnapshot}
 * @throws OperatorError `not-found`: there is none
 */
export function selectNewest(
  snapshots: readonly StoredSnapshot[],
  choice: Omit<SnapshotChoice, 'snapshot'>,
  now: number,
): StoredSnapshot {
  const latest = latestOfEach(chosenLines(snapshots, choice), now);
  const past = latest.filter(({ time }) => time <= now);
  const newest = (past.length > 0 ? past : latest).toSorted((one, other) => one.time - other.time).at(-1);
  if (newest === undefined) {
    throw notFound({ ...choice, snapshot: LATEST }, 0);
  }
  return newest;
}

function notFound(choice: SnapshotChoice, others: number): OperatorError {
  return new OperatorError('not-found', absent(choice, others), {
    remedy: 'list-snapshots',
    ...(choice.storeName === undefined ? {} : { path: choice.storeName }),
  });
}

function absent({ snapshot }: SnapshotChoice, others: number): string {
  return snapshot === LATEST
    ? 'there is no snapshot of this host and instance'
    : `none of ${others} snapshots is ${JSON.stringify(snapshot)}`;
}

function named(snapshots: readonly StoredSnapshot[]): string {
  const names = snapshots.slice(0, NAMED_AT_MOST).map(({ key }) => key);
  return `${names.join(', ')}${snapshots.length > NAMED_AT_MOST ? ' …' : ''}`;
}

function latestOfEach(snapshots: readonly StoredSnapshot[], now: number): StoredSnapshot[] {
  return [...byLine(snapshots).values()].flatMap((line) => {
    const latest = line.findLast(({ time }) => time <= now) ?? line.at(-1);
    return latest === undefined ? [] : [latest];
  });
}

function isMeant(wanted: string): (snapshot: StoredSnapshot) => boolean {
  const id = ID_BEGINNING.test(wanted) ? wanted : undefined;
  const time = TIME_BEGINNING.test(wanted) ? wanted.replace(/[-:]/gu, '').replace(' ', 'T') : undefined;
  return ({ shortId, time: begun }) =>
    (id !== undefined && shortId.startsWith(id)) || (time !== undefined && formatStamp(begun).startsWith(time));
}
