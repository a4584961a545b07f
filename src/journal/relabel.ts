import { SystemError } from '../errors.ts';
import { runCommand } from '../fs/command.ts';
import type { FileSystem } from '../fs/file-system.ts';

const SELINUX = '/sys/fs/selinux/enforce';
/** Well below what execve(2) takes. */
const PATHS_A_CALL = 500;

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
): ((paths: Iterable<string>) => void) | undefined {
  if (fs.lstat(SELINUX) === undefined) {
    return undefined;
  }
  return (paths) => {
    for (const batch of batches(paths)) {
      const outcome = run('restorecon', ['-F', '--', ...batch]);
      if (outcome !== undefined && outcome.status !== 0) {
        throw new SystemError('refused', `restorecon failed: ${outcome.stderr.trim()}`, {
          errno: 'EPERM',
          nextStep: 'Mend that, and run the same command again: it goes on where this one stopped.',
        });
      }
    }
  };
}

function* batches(paths: Iterable<string>): Generator<string[]> {
  let batch: string[] = [];
  for (const path of paths) {
    batch.push(path);
    if (batch.length === PATHS_A_CALL) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
