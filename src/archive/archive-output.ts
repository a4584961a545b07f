/** Where a new archive goes: a file that has its name only once it is complete, or standard output. */

import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { ArchiveLocation } from '../archive-location.ts';
import { createAtomicFile } from '../fs/atomic-file.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { systemError } from '../fs/system-error.ts';
import { openSpoolFile } from '../fs/unnamed-file.ts';
import type { ArchiveOutput } from './archive-writer.ts';

const STANDARD_OUTPUT_FD = 1;

export interface BackupOutput extends ArchiveOutput {
  /** A temporary file without a name, for the catalogue. */
  readonly spoolFd: number;
  readonly bytesWritten: number;
  /** The archive is complete: makes it durable and gives it its name. */
  publish(): void;
  /** Closes what is open, and removes what was not published. */
  close(): void;
}

/**
 * Opens the output, with the rights of the caller.
 *
 * @throws OperatorError 'output-exists', SystemError
 */
export function openOutput(fs: FileSystem, location: ArchiveLocation, randomName: () => string): BackupOutput {
  const file = location.kind === 'file' ? createAtomicFile(fs, location.path, randomName) : standardOutput(fs);
  try {
    const spoolFd = openSpoolFile(fs, location.kind === 'file' ? dirname(location.path) : tmpdir(), randomName);
    let bytesWritten = 0;
    return {
      spoolFd,
      get bytesWritten() {
        return bytesWritten;
      },
      write: (bytes) => {
        file.write(bytes);
        bytesWritten += bytes.length;
      },
      publish: () => file.publish(),
      close: () => {
        fs.close(spoolFd);
        file.discard();
      },
    };
  } catch (error) {
    file.discard();
    throw error;
  }
}

interface OutputFile extends ArchiveOutput {
  publish(): void;
  discard(): boolean;
}

function standardOutput(fs: FileSystem): OutputFile {
  return {
    write: (bytes) => {
      try {
        fs.write(STANDARD_OUTPUT_FD, bytes);
      } catch (error) {
        throw systemError(error, { action: "can't write to", path: 'standard output' });
      }
    },
    publish: () => undefined,
    discard: () => true,
  };
}
