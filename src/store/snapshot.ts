/** What the names in a store say: its snapshots, and what was left half done. Pure: one listing in, values out. */

import { archiveKey, type Mark, markKey, parseKey, type SnapshotName } from './archive-name.ts';
import { decodeLine } from './line-name.ts';
import type { StoredObject } from './store.ts';

/** A snapshot in a store, with what its marks say. */
export interface StoredSnapshot extends SnapshotName {
  readonly host: string;
  /** `-` is the primary instance. */
  readonly instance: string;
  /** Of the archive. */
  readonly key: string;
  readonly bytes: number;
  /** Undefined where the mark is missing: a crash came before it. */
  readonly messages: number | undefined;
  /** When it was last read back and found whole; milliseconds since the epoch. */
  readonly verified: number | undefined;
  readonly pinned: boolean;
  /** The keys of its marks. */
  readonly marks: readonly string[];
}

interface Gathered {
  archive: StoredObject | undefined;
  readonly name: SnapshotName;
  readonly marks: { readonly mark: Mark; readonly object: StoredObject }[];
}

/** The snapshots in a listing, line by line, the oldest first. */
export function snapshotsIn(objects: readonly StoredObject[]): StoredSnapshot[] {
  return [...gather(objects).values()].flatMap(asSnapshot).sort(byLineAndTime);
}

/** Snapshots by their lines, in the order in which they stand. */
export function byLine(snapshots: readonly StoredSnapshot[]): Map<string, StoredSnapshot[]> {
  const lines = new Map<string, StoredSnapshot[]>();
  for (const snapshot of snapshots) {
    const line = lines.get(snapshot.line) ?? [];
    line.push(snapshot);
    lines.set(snapshot.line, line);
  }
  return lines;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** The names of drafts, and of files that are written beside them. */
const HALF_WRITTEN = /^\.postsnap\.[0-9a-f]{12}\.tmp$/u;

/**
 * What a crash left behind and nobody has touched for a day: drafts, archives without content (the name was taken before
 * the archive could be moved to it), and marks whose archive is gone. A backup that is still going on writes to its draft.
 */
export function straysIn(objects: readonly StoredObject[], now: number): string[] {
  const left = [...gather(objects).values()].flatMap(({ archive, marks }) =>
    archive === undefined || archive.size === 0 ? [...marks.map(({ object }) => object), ...optional(archive)] : [],
  );
  const drafts = objects.filter(({ key }) => HALF_WRITTEN.test(key));
  return [...drafts, ...left].filter(({ modified }) => now - modified >= DAY_MS).map(({ key }) => key);
}

function optional<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function gather(objects: readonly StoredObject[]): Map<string, Gathered> {
  const found = new Map<string, Gathered>();
  for (const object of objects) {
    const named = parseKey(object.key);
    if (named === undefined || decodeLine(named.of.line) === undefined) {
      continue;
    }
    const key = archiveKey(named.of);
    const gathered = found.get(key) ?? { archive: undefined, name: named.of, marks: [] };
    found.set(key, gathered);
    if (named.kind === 'archive') {
      gathered.archive = object;
    } else {
      gathered.marks.push({ mark: named, object });
    }
  }
  return found;
}

function asSnapshot({ archive, name, marks }: Gathered): StoredSnapshot[] {
  const line = decodeLine(name.line);
  if (archive === undefined || archive.size === 0 || line === undefined) {
    return [];
  }
  const said = marks.map(({ mark }) => mark);
  const counts = said.flatMap((mark) => (mark.kind === 'messages' ? [mark.count] : []));
  const verified = said.flatMap((mark) => (mark.kind === 'verified' ? [mark.time] : []));
  return [
    {
      ...name,
      ...line,
      key: archive.key,
      bytes: archive.size,
      messages: counts[0],
      verified: verified.length === 0 ? undefined : Math.max(...verified),
      pinned: said.some(({ kind }) => kind === 'pin'),
      marks: said.map((mark) => markKey(name, mark)),
    },
  ];
}

function byLineAndTime(a: StoredSnapshot, b: StoredSnapshot): number {
  if (a.line !== b.line) {
    return a.line < b.line ? -1 : 1;
  }
  return a.time - b.time || (a.shortId < b.shortId ? -1 : 1);
}
