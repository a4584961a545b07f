/**
 * The directories of a queue directory: what is wrong with them, and root's mending of it. All of it is done by descriptor,
 * in a directory that only root can change, so that nobody can lead root elsewhere by a name.
 */

import { dirname } from 'node:path';
import type { FileSystem } from '../fs/file-system.ts';
import { safeMkdir } from '../fs/nfs-safe.ts';
import { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from '../fs/open-flags.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { refusalOf } from '../fs/system-error.ts';
import {
  type DirectoryRights,
  directoryRights,
  hashDirectoryRights,
  hasRights,
  QUEUE_DIRECTORY_RIGHTS,
  type QueueOwners,
} from '../queue/rights.ts';
import type { SeenDirectory } from './facts.ts';
import type { Finding, FindingCode, RepairAction } from './finding.ts';

/** What a directory is to be: one of Postfix's own, or a hash directory. */
function wantedRights(path: string, owners: QueueOwners): DirectoryRights {
  if (path === '') {
    return QUEUE_DIRECTORY_RIGHTS;
  }
  return directoryRights(path, owners) ?? hashDirectoryRights(owners);
}

/** Finds what is wrong with directories: pure. */
export function diagnoseDirectories(directories: readonly SeenDirectory[], owners: QueueOwners): Finding[] {
  return directories.flatMap(({ path, status, fault }) => {
    const wanted = wantedRights(path, owners);
    if (status === undefined) {
      return fault === undefined ? [finding(path, 'missing-directory', { action: 'make', detail: text(wanted) })] : [];
    }
    if (status.type !== 'directory') {
      return [
        finding(path, 'directory-rights', { action: 'none', detail: `it is no directory, but a ${status.type}` }),
      ];
    }
    if (!hasRights(status, wanted)) {
      const isOwn = hasRights({ ...status, mode: wanted.mode }, wanted);
      const detail = `${text(status)}, not ${text(wanted)}`;
      return [finding(path, 'directory-rights', { action: isOwn ? 'chmod' : 'chown', detail })];
    }
    return fault === undefined ? [] : [finding(path, 'unlistable-directory', { action: 'none', detail: fault })];
  });
}

function finding(
  path: string,
  code: FindingCode,
  { action, detail }: { readonly action: RepairAction; readonly detail: string },
): Finding {
  return { code, action, path, queueName: null, queueId: null, newQueueName: null, newQueueId: null, detail };
}

function text({
  uid,
  gid,
  mode,
}: {
  readonly uid: number;
  readonly gid: number | undefined;
  readonly mode: number;
}): string {
  return `uid ${uid}${gid === undefined ? '' : `, gid ${gid}`}, mode 0${mode.toString(8)}`;
}

export interface DirectoryGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly owners: QueueOwners;
}

/**
 * As root: makes what is missing, and gives owner, group and mode to what has others. The queue directory comes first: while
 * others than root can change it, nothing below it is touched.
 *
 * @returns why not, by the finding
 */
export function mendDirectories(ground: DirectoryGround, findings: readonly Finding[]): Map<Finding, string> {
  const { fs, queueDirectory } = ground;
  const failures = new Map<Finding, string>();
  for (const one of findings.filter(({ action }) => action !== 'none')) {
    const isSafe =
      one.path === ''
        ? fs.lstat(queueDirectory)?.type === 'directory' && isRootsAlone(fs, dirname(queueDirectory))
        : isRootsAlone(fs, queueDirectory);
    // What the system refuses for one is no reason to leave the others.
    const isLink = one.path === '' && fs.lstat(queueDirectory)?.type !== 'directory';
    const failure = isSafe
      ? refusalOf(() => mendDirectory(ground, one))
      : isLink
        ? 'it is named by a link: name the directory itself'
        : 'others than root can change the directory above';
    if (failure !== undefined) {
      failures.set(one, failure);
    }
  }
  return failures;
}

function mendDirectory({ fs, queueDirectory, owners }: DirectoryGround, { path, code }: Finding): void {
  const full = path === '' ? queueDirectory : `${queueDirectory}/${path}`;
  const wanted = wantedRights(path, owners);
  if (code === 'missing-directory') {
    safeMkdir(fs, full, 0o700);
  }
  const fd = fs.open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const { uid, gid } = fs.fstat(fd);
    const group = wanted.gid ?? (uid === wanted.uid && code !== 'missing-directory' ? gid : groupOf(wanted, owners));
    if (uid !== wanted.uid || gid !== group) {
      fs.fchown(fd, wanted.uid, group);
    }
    fs.fchmod(fd, wanted.mode);
  } finally {
    fs.close(fd);
  }
}

function groupOf({ uid }: DirectoryRights, owners: QueueOwners): number {
  return uid === owners.uid ? owners.gid : 0;
}
