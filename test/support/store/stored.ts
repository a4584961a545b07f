import type { FileSystem } from '../../../src/fs/file-system.ts';
import { archiveKey, markKey, type SnapshotName } from '../../../src/store/archive-name.ts';
import { DirectoryStore } from '../../../src/store/directory-store.ts';
import { encodeLine } from '../../../src/store/line-name.ts';
import type { StoredObject } from '../../../src/store/store.ts';
import { formatStamp } from '../../../src/store/utc-stamp.ts';

export const HOST = 'mail.example.org';

/** The name of a snapshot of one host; the number makes its short id. */
export function nameAt(time: string, number = 1, host = HOST): SnapshotName {
  return {
    line: encodeLine({ host, instance: '-' }),
    time: Date.parse(time),
    shortId: number.toString(16).padStart(8, '0'),
  };
}

export interface SnapshotMarks {
  readonly messages?: number;
  readonly verified?: boolean;
  readonly pinned?: boolean;
  readonly size?: number;
}

/** The objects of a snapshot, as a listing has them. */
export function objectsOf(name: SnapshotName, marks: SnapshotMarks = {}): StoredObject[] {
  const object = (key: string, size = 0) => ({ key, size, modified: name.time });
  return [
    object(archiveKey(name), marks.size ?? 1000),
    ...(marks.messages === undefined ? [] : [object(markKey(name, { kind: 'messages', count: marks.messages }))]),
    ...(marks.verified === true ? [object(markKey(name, { kind: 'verified', time: name.time }))] : []),
    ...(marks.pinned === true ? [object(markKey(name, { kind: 'pin' }))] : []),
  ];
}

/** A store in `/store`; its drafts have names by number. */
export function storeOn(fs: FileSystem): DirectoryStore {
  let count = 0;
  return new DirectoryStore(fs, '/store', () => {
    count += 1;
    return count.toString(16).padStart(12, '0');
  });
}

/** Names without their lines, as a person would tell them apart. */
export function stampsOf(snapshots: readonly { readonly time: number }[]): string[] {
  return snapshots.map(({ time }) => formatStamp(time));
}
