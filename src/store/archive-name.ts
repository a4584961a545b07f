/**
 * The names in a store: an archive is `LINE/TIME-SHORTID.tar.zst`, and beside it stand small empty objects, its marks,
 * whose names say all that retention and a listing have to know: one listing of the store suffices for both. An archive
 * itself is never changed.
 *
 *     mail.example.org/20251126T031500Z-1a2b3c4d.tar.zst
 *     mail.example.org/20251126T031500Z-1a2b3c4d.3120.messages                  how many messages it holds
 *     mail.example.org/20251126T031500Z-1a2b3c4d.20251126T031622Z.verified     when it was read back and found whole
 *     mail.example.org/20251126T031500Z-1a2b3c4d.pin                           it is never to be removed
 */

import { formatStamp, parseStamp } from './utc-stamp.ts';

/** A snapshot's name in its line: when it was begun, and the beginning of its snapshot id. */
export interface SnapshotName {
  /** The name of the line's directory. */
  readonly line: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly time: number;
  /** Eight hexadecimal digits. */
  readonly shortId: string;
}

/** What stands beside an archive and says something about it. */
export type Mark =
  | { readonly kind: 'messages'; readonly count: number }
  | { readonly kind: 'verified'; readonly time: number }
  | { readonly kind: 'pin' };

type NamedObject = { readonly of: SnapshotName } & ({ readonly kind: 'archive' } | Mark);

const SHORT_ID_LENGTH = 8;
const KEY = /^([^/]+)\/(\d{8}T\d{6}Z)-([0-9a-f]{8})\.([^/]+)$/u;
const ARCHIVE_ENDING = 'tar.zst';
const COUNT = /^(0|[1-9][0-9]{0,14})\.messages$/u;
const VERIFIED = /^(\d{8}T\d{6}Z)\.verified$/u;

/** The name of a new snapshot. */
export function snapshotName(line: string, snapshot: { readonly id: string; readonly started: string }): SnapshotName {
  const shortId = snapshot.id.slice(0, SHORT_ID_LENGTH);
  return { line, shortId, time: Math.floor(Date.parse(snapshot.started) / 1000) * 1000 };
}

export function archiveKey(name: SnapshotName): string {
  return `${stem(name)}.${ARCHIVE_ENDING}`;
}

export function markKey(name: SnapshotName, mark: Mark): string {
  return `${stem(name)}.${encodeMark(mark)}`;
}

function stem({ line, time, shortId }: SnapshotName): string {
  return `${line}/${formatStamp(time)}-${shortId}`;
}

function encodeMark(mark: Mark): string {
  switch (mark.kind) {
    case 'messages':
      return `${mark.count}.messages`;
    case 'verified':
      return `${formatStamp(mark.time)}.verified`;
    case 'pin':
      return 'pin';
  }
}

function decodeMark(text: string): Mark | undefined {
  const count = COUNT.exec(text)?.[1];
  const verified = parseStamp(VERIFIED.exec(text)?.[1] ?? '');
  if (text === 'pin') {
    return { kind: 'pin' };
  }
  if (verified !== undefined) {
    return { kind: 'verified', time: verified };
  }
  return count === undefined ? undefined : { kind: 'messages', count: Number(count) };
}

/** What an object of a store is, by its name; undefined for one that postsnap did not make. */
export function parseKey(key: string): NamedObject | undefined {
  const [, line, stamp, shortId, ending] = KEY.exec(key) ?? [];
  const time = parseStamp(stamp ?? '');
  if (line === undefined || time === undefined || shortId === undefined || ending === undefined) {
    return undefined;
  }
  const of = { line, time, shortId };
  if (ending === ARCHIVE_ENDING) {
    return { of, kind: 'archive' };
  }
  const mark = decodeMark(ending);
  return mark === undefined ? undefined : { of, ...mark };
}
