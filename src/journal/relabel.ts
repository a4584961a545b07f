/** SELinux labels for files that get their names in a queue. */

import { inBatches } from '../batches.ts';
import { runCommand } from '../fs/command.ts';
import type { FileSystem } from '../fs/file-system.ts';

const SELINUX = '/sys/fs/selinux/enforce';
/** Well below what execve(2) takes. */
const PATHS_A_CALL = 500;

/** Why files have no right label, by their paths. */
export type LabelFaults = ReadonlyMap<string, string>;

/** What restorecon(8) says of a file system that has no labels: there is nothing to be set. */
const NO_LABELS = /not supported/iu;

/**
 * Gives restored files the labels of their places, where SELinux is on: they were made in a directory of another label,
 * and Postfix's daemons may not read what has the wrong one (postfix_qmgr_selinux(8)). To be called with mail_owner's
 * rights, while the files are his: root would be led by the names of directories that are not root's.
 *
 * @returns undefined where there is nothing to do
 */
export function relabelFor(
  { fs }: { readonly fs: Pick<FileSystem, 'lstat'> },
  run: typeof runCommand = runCommand,
): ((paths: Iterable<string>) => LabelFaults) | undefined {
  if (fs.lstat(SELINUX) === undefined) {
    return undefined;
  }
  const relabel = (paths: readonly string[]): string | undefined => {
    const outcome = run('restorecon', ['-F', '--', ...paths]);
    return outcome === undefined || outcome.status === 0 || NO_LABELS.test(outcome.stderr)
      ? undefined
      : `restorecon failed: ${outcome.stderr.trim()}`;
  };
  return (paths) => {
    const faults = new Map<string, string>();
    for (const batch of inBatches(paths, PATHS_A_CALL)) {
      // One by one only where one of them fails: the fault of one file is not that of the others.
      for (const path of relabel(batch) === undefined ? [] : batch) {
        const fault = relabel([path]);
        if (fault !== undefined) {
          faults.set(path, fault);
        }
      }
    }
    return faults;
  };
}
