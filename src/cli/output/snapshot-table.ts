/** The snapshots of a store, for people and as JSON. */

import type { SnapshotVerdict } from '../../keep/snapshots.ts';
import type { StoredSnapshot } from '../../store/snapshot.ts';
import { localTime } from './local-time.ts';
import { formatBytes, formatCount, formatDuration } from './quantity.ts';
import { printable } from './stderr-line.ts';
import { type Alignment, formatTable } from './table.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const COLUMNS: readonly Alignment[] = ['left', 'left', 'right', 'right', 'right', 'left', 'left'];

/** A line of the table of `snapshots`: an object of JSON. */
export function snapshotJson({ snapshot, keptBy }: SnapshotVerdict, archive: string): object {
  const { host, instance, time, shortId, messages, bytes, verified, pinned } = snapshot;
  return {
    host,
    instance,
    time: isoTime(time),
    snapshot: shortId,
    archive,
    messages: messages ?? null,
    archive_bytes: bytes,
    verified: verified === undefined ? null : isoTime(verified),
    pinned,
    kept_by: keptBy,
  };
}

/** @param now milliseconds since the epoch */
export function snapshotTable(verdicts: readonly SnapshotVerdict[], now: number): string {
  const lines = new Set(verdicts.map(({ snapshot }) => snapshot.line));
  const ofLine = (name: string) => verdicts.filter(({ snapshot }) => snapshot.line === name);
  return [...lines].map((name) => lineTable(ofLine(name), now)).join('\n');
}

function lineTable(line: readonly SnapshotVerdict[], now: number): string {
  const [first] = line;
  const rows = line.map(({ snapshot, keptBy }) => [
    localTime(snapshot.time),
    snapshot.shortId,
    formatAge(now - snapshot.time),
    snapshot.messages === undefined ? '?' : formatCount(snapshot.messages),
    formatBytes(snapshot.bytes),
    snapshot.verified === undefined ? 'no' : localTime(snapshot.verified),
    keptBy.join(', '),
  ]);
  const head = ['begun', 'snapshot', 'age', 'messages', 'size', 'verified', 'kept by'];
  return `${first === undefined ? '' : lineTitle(first.snapshot)}\n${formatTable([head, ...rows], COLUMNS)}`;
}

/** A line of a store, for people. */
function lineTitle({ host, instance }: Pick<StoredSnapshot, 'host' | 'instance'>): string {
  return printable(instance === '-' ? host : `${host}, ${instance}`);
}

/** An age for people: days from the second on. */
export function formatAge(ms: number): string {
  if (ms < 0) {
    return 'in the future';
  }
  return ms < 2 * DAY_MS ? formatDuration(ms) : `${Math.floor(ms / DAY_MS)} days`;
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
