/**
 * The writing of a metrics file by several runs. Each reads what the others have written, and writes that again with its own:
 * so only one may be at it at a time, or what another wrote meanwhile would be lost. (metrics-writer.test.ts, "keep the metrics of each other")
 */

import { basename, dirname, join } from 'node:path';
import { BusyError } from '../../errors.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { lockByDirectory } from '../../fs/lock-directory.ts';
import { type LockEnvironment, systemLockEnvironment } from '../../fs/lock-environment.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import { systemError } from '../../fs/system-error.ts';
import { whenFree } from '../../operation.ts';
import type { EndedRun } from '../process/metrics-run.ts';

/** It takes a run as long as a disk needs to write a page. */
const PATIENCE_SECONDS = 20;

/** @param path - undefined: no metrics are wanted */
export function metricsWriter(
  path: string | undefined,
  write: (fs: FileSystem, path: string, run: EndedRun) => void,
): ((run: EndedRun) => Promise<void>) | undefined {
  if (path === undefined) {
    return undefined;
  }
  const surroundings = { fs: nodeFileSystem, environment: systemLockEnvironment(), patience: PATIENCE_SECONDS };
  return (run) => writeAlone(path, surroundings, () => write(nodeFileSystem, path, run));
}

export interface LockSurroundings {
  readonly fs: FileSystem;
  readonly environment: LockEnvironment;
  /** Seconds to wait for another. */
  readonly patience: number;
}

/**
 * Runs `write` while nobody else writes this file.
 *
 * @throws SystemError: the directory is not there, say
 * @throws BusyError `locked`: another has not ended in that time
 */
export async function writeAlone(
  path: string,
  { fs, environment, patience }: LockSurroundings,
  write: () => void,
): Promise<void> {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const free = await whenFree({ patience }, async () => lockByDirectory(fs, lock, environment)).catch(
    (error: unknown) => {
      throw error instanceof BusyError
        ? new BusyError('locked', `can't write ${path}: another run has been at it for long`, {
            path,
            nextStep: `If you are sure that none is, remove ${lock}.`,
          })
        : systemError(error, { action: "can't write", path });
    },
  );
  try {
    write();
  } finally {
    free();
  }
}
