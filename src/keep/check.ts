/** `check`: whether each line of a store has a snapshot that is young enough, and was read back. */

import type { LineChoice } from '../store/line-name.ts';
import { isChosenLine } from '../store/line-name.ts';
import { byLine, type StoredSnapshot, snapshotsIn } from '../store/snapshot.ts';
import type { Store } from '../store/store.ts';

export interface CheckOptions extends LineChoice {
  readonly store: Store;
  readonly maxAgeMs: number;
  /** A warning from this age on, which is less than the maximum. */
  readonly warnAgeMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The worst comes last. */
export type CheckState = 'ok' | 'warning' | 'critical';

/** What is wrong with a line; the first of them is the worst. */
export type CheckFault = 'too-old' | 'no-snapshot' | 'getting-old' | 'not-verified' | 'from-the-future';

export interface LineCheck {
  readonly line: string;
  readonly snapshots: number;
  /** The newest that is not dated in the future. */
  readonly newest: StoredSnapshot | undefined;
  readonly ageMs: number | undefined;
  readonly faults: readonly CheckFault[];
}

export interface CheckReport {
  readonly state: CheckState;
  /** None where the store has no such snapshot: that is critical, too. */
  readonly lines: readonly LineCheck[];
}

const STATE_OF: Readonly<Record<CheckFault, CheckState>> = {
  'too-old': 'critical',
  'no-snapshot': 'critical',
  'getting-old': 'warning',
  'not-verified': 'warning',
  'from-the-future': 'warning',
};

/**
 * @throws OperatorError `not-found`: there is no store
 * @throws SystemError
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const chosen = [...byLine(snapshotsIn(await options.store.list()))].filter(([line]) => isChosenLine(line, options));
  const lines = chosen.map(([line, snapshots]) => checkLine(line, snapshots, options));
  const states = lines.flatMap(({ faults }) => faults.map((fault) => STATE_OF[fault]));
  return { state: lines.length === 0 ? 'critical' : worst(states), lines };
}

function worst(states: readonly CheckState[]): CheckState {
  return states.includes('critical') ? 'critical' : states.includes('warning') ? 'warning' : 'ok';
}

/** A snapshot from the future says nothing about last night: the newest of those before now is what counts. */
function checkLine(
  line: string,
  snapshots: readonly StoredSnapshot[],
  { now, maxAgeMs, warnAgeMs }: CheckOptions,
): LineCheck {
  const newest = snapshots.findLast(({ time }) => time <= now + CLOCK_TOLERANCE_MS);
  const ageMs = newest === undefined ? undefined : Math.max(0, now - newest.time);
  const faults: CheckFault[] = [];
  if (ageMs === undefined) {
    faults.push('no-snapshot');
  } else if (ageMs > maxAgeMs) {
    faults.push('too-old');
  } else if (warnAgeMs !== undefined && ageMs > warnAgeMs) {
    faults.push('getting-old');
  }
  if (newest !== undefined && newest.verified === undefined) {
    faults.push('not-verified');
  }
  if (newest !== snapshots.at(-1)) {
    faults.push('from-the-future');
  }
  return { line, snapshots: snapshots.length, newest, ageMs, faults };
}

/** The clocks of two machines are never quite the same. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;
