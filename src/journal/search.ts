/**
 * The search for messages of a journal by their content: a queue directory that was copied has other inodes, links that
 * were split are files of their own, and `postsuper -s` gives new names to both. Only files of a wanted size are read.
 */

import { digestOfDescriptor } from '../fs/descriptor-digest.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { unlessErrno } from '../fs/system-error.ts';
import { UNFINISHED_RENAME_SUFFIX } from '../queue/queue-id.ts';
import { MESSAGE_QUEUES } from '../queue/queue-name.ts';
import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOfHashed } from '../record/fingerprint.ts';
import { walkDirectories } from '../spool/spool.ts';
import { DigestTable } from '../table/digest-table.ts';
import type { CurrentEntry } from './journal-file.ts';
import { type PlacementTarget, stagedPath } from './placement.ts';
import { isInQueue } from './state-directory.ts';
import { isUnready, type Sight } from './whereabouts.ts';

/** What stands in the queues of the messages that are wanted, by their numbers in the journal. */
export type Finds = ReadonlyMap<number, readonly Sight[]>;

interface Wanted {
  readonly sizes: ReadonlySet<number>;
  readonly byContent: DigestTable;
  /** Postfix marks recipients in place: of what is ready, the fingerprint stays. */
  readonly byFingerprint: DigestTable;
  /** The places in queues that files are taken from: what stands there is not found, but where it was. */
  readonly from: ReadonlySet<string>;
}

/** Searches all message queues once. */
export function search(target: PlacementTarget, entries: Iterable<CurrentEntry>, which: 'unready' | 'ready'): Finds {
  const wanted = want(target, entries);
  const finds = new Map<number, Sight[]>();
  if (wanted.sizes.size > 0) {
    for (const sight of filesInQueues(target)) {
      const { type, size } = sight.status;
      const isCandidate =
        type === 'file' &&
        wanted.sizes.has(size) &&
        !wanted.from.has(sight.path) &&
        isUnready(sight.status) === (which === 'unready');
      const index = isCandidate ? indexOf(target.fs, sight, wanted) : undefined;
      if (index !== undefined) {
        finds.set(index, [...(finds.get(index) ?? []), sight]);
      }
    }
  }
  return finds;
}

function want(target: PlacementTarget, entries: Iterable<CurrentEntry>): Wanted {
  const sizes = new Set<number>();
  const byContent = new DigestTable();
  const byFingerprint = new DigestTable();
  const from = new Set<string>();
  for (const { index, entry } of entries) {
    sizes.add(entry.size);
    byContent.set(entry.sha256, index);
    byFingerprint.set(entry.fingerprint, index);
    if (isInQueue(entry.from)) {
      from.add(stagedPath(target, entry));
    }
  }
  return { sizes, byContent, byFingerprint, from };
}

function* filesInQueues({ fs, queueDirectory }: PlacementTarget): Generator<Sight> {
  for (const queueName of MESSAGE_QUEUES) {
    for (const { path: directory, files } of walkDirectories(fs, queueDirectory, queueName)) {
      for (const name of files) {
        const path = `${queueDirectory}/${directory}/${name}`;
        const status = fs.lstat(path);
        if (status !== undefined) {
          yield { path, queueName, queueId: withoutSuffix(name), status };
        }
      }
    }
  }
}

function withoutSuffix(name: string): string {
  return name.endsWith(UNFINISHED_RENAME_SUFFIX) ? name.slice(0, -UNFINISHED_RENAME_SUFFIX.length) : name;
}

function indexOf(fs: FileSystem, { path, status }: Sight, wanted: Wanted): number | undefined {
  // What became its submitter's is not mail_owner's to read.
  const fd = unlessErrno(['ENOENT', 'ELOOP', 'EACCES'], () => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) {
    return undefined;
  }
  try {
    const sha256 = digestOfDescriptor(fs, fd);
    const index = wanted.byContent.get(sha256);
    if (index !== undefined || isUnready(status)) {
      return index;
    }
    const source = new DescriptorSource(fs, fd, status.size);
    const { mutableBytes } = examineQueueFile(source, 'incoming');
    return wanted.byFingerprint.get(fingerprintOfHashed(source, mutableBytes, sha256));
  } finally {
    fs.close(fd);
  }
}

/** Whether a file has this content; what is gone has not. */
export function hasContent(fs: FileSystem, path: string, sha256: string): boolean {
  const fd = unlessErrno(['ENOENT', 'ELOOP', 'EACCES'], () => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) {
    return false;
  }
  try {
    return digestOfDescriptor(fs, fd) === sha256;
  } finally {
    fs.close(fd);
  }
}
