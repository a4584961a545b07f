/** Chooses the process in which a work is done. */

import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { ensureStateDirectory } from '../journal/state-directory.ts';
import { submissionService } from '../journal/submission.ts';
import { whenFree } from '../operation.ts';
import { isRoot } from './identity.ts';
import { runInOwnerProcess } from './owner-process.ts';
import type { OwnerRun, OwnerSurroundings, OwnerWork } from './owner-work.ts';
import { queueMending } from './root-mend.ts';

/**
 * Does a work with the rights of the queue's owner: as root by a process of the owner's, else here, with what rights the
 * caller has. Where another run has the lock of the queue, it is waited for as long as the control has patience.
 *
 * @throws what the work throws
 * @throws OperatorError `not-permitted`: root can't become the owner
 */
export function runAsOwner<Setup, Report, Row>(
  work: OwnerWork<Setup, Report, Row>,
  run: OwnerRun<Setup, Row>,
): Promise<Report> {
  return whenFree(run.control, () =>
    isRoot() && run.owner.uid !== 0
      ? runInOwnerProcess(work, run)
      : work.run(run.setup, surroundingsHere(nodeFileSystem, run)),
  );
}

const NO_OUTPUT = {
  write: (): void => {
    throw new Error('this work has no output');
  },
};

function surroundingsHere<Setup, Row>(fs: FileSystem, run: OwnerRun<Setup, Row>): OwnerSurroundings<Row> {
  const { owner, queueDirectory, files = [], output = NO_OUTPUT, control, onRow = () => undefined } = run;
  const isGiver = isRoot() && isRootsAlone(fs, queueDirectory);
  return {
    fs,
    control,
    files,
    output,
    tell: onRow,
    makeStateDirectory: () => ensureStateDirectory(fs, queueDirectory, owner),
    submissions: isGiver ? submissionService({ fs, queueDirectory, mailOwner: owner.uid }) : undefined,
    mending: isGiver ? queueMending({ fs, queueDirectory, owner }) : undefined,
    threads: { program: undefined, rights: undefined },
  };
}
