/** Where a new archive goes: a file that has its name only once it is complete, a draft of someone else's, or standard output. */

import { tmpdir } from 'node:os';
import { type ArchiveDraft, type ArchiveLocation, directoryOf } from '../archive-location.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { createNewFile } from '../fs/new-file.ts';
import { descriptorNamed, openForReader } from '../fs/pipe.ts';
import { systemError } from '../fs/system-error.ts';
import { openUnnamedFile } from '../fs/unnamed-file.ts';
import type { OperationControl } from '../operation.ts';
import type { ArchiveOutput } from './archive-writer.ts';

const STANDARD_OUTPUT_FD = 1;

/** What a backup writes to: the archive, and a temporary file for its catalogue. */
export class BackupOutput implements ArchiveOutput {
  /** A temporary file without a name, for the catalogue. */
  readonly draftFd: number;
  readonly #fs: FileSystem;
  readonly #file: OutputFile;
  #bytesWritten = 0;

  constructor(fs: FileSystem, file: OutputFile, draftFd: number) {
    this.#fs = fs;
    this.#file = file;
    this.draftFd = draftFd;
  }

  /** Where the archive can be read before it is published; undefined of a stream. */
  get draftPath(): string | undefined {
    return this.#file.draftPath;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  write(bytes: Uint8Array): void {
    this.#file.write(bytes);
    this.#bytesWritten += bytes.length;
  }

  /** The archive is complete: makes it durable and gives it its name. A draft is left to whoever opened it. */
  publish(): void {
    this.#file.publish();
  }

  /** Closes what is open, and removes what was not published. */
  close(): void {
    this.#fs.close(this.draftFd);
    this.#file.discard();
  }
}

/**
 * Opens the output, with the rights of the caller.
 *
 * @throws OperatorError `output-exists`
 * @throws SystemError
 */
export async function openOutput(
  fs: FileSystem,
  location: ArchiveLocation | ArchiveDraft,
  { randomName, control }: { readonly randomName: () => string; readonly control: OperationControl },
): Promise<BackupOutput> {
  const file = location.kind === 'pipe' ? await pipeOutput(fs, location.path, control) : openFile(fs, location);
  try {
    // The catalogue can be big: it is kept where the archive has room, where that is known.
    const draftFd = openUnnamedFile(fs, directoryOf(location) ?? tmpdir(), randomName);
    return new BackupOutput(fs, file, draftFd);
  } catch (error) {
    file.discard();
    throw error;
  }
}

interface OutputFile extends ArchiveOutput {
  readonly draftPath: string | undefined;
  publish(): void;
  discard(): boolean;
}

function openFile(fs: FileSystem, location: Exclude<ArchiveLocation | ArchiveDraft, { kind: 'pipe' }>): OutputFile {
  switch (location.kind) {
    case 'file':
      return archiveFile(fs, location.path);
    case 'draft':
      return descriptorOutput(fs, location.fd, location.path);
    case 'stream':
      return descriptorOutput(fs, STANDARD_OUTPUT_FD);
  }
}

function tellWait(path: string, { onEvent }: OperationControl): void {
  onEvent?.({ kind: 'warning', message: `nobody reads the pipe ${path} yet: a reader is waited for` });
}

/** A descriptor that is open already is left open. */
async function pipeOutput(fs: FileSystem, path: string, control: OperationControl): Promise<OutputFile> {
  const open = descriptorNamed(path);
  const fd = open ?? (await openForReader(path, { signal: control.signal, onWait: () => tellWait(path, control) }));
  const output = descriptorOutput(fs, fd, path);
  const discard = (): boolean => {
    if (open === undefined) {
      fs.close(fd);
    }
    return true;
  };
  return { draftPath: undefined, write: (bytes) => output.write(bytes), publish: () => undefined, discard };
}

function archiveFile(fs: FileSystem, path: string): OutputFile {
  const file = createNewFile(fs, path);
  return {
    draftPath: file.temporaryPath,
    write: (bytes) => file.write(bytes),
    publish: () => file.publish(),
    discard: () => file.discard(),
  };
}

function descriptorOutput(fs: FileSystem, fd: number, draftPath?: string): OutputFile {
  return {
    draftPath,
    write: (bytes) => {
      try {
        fs.write(fd, bytes);
      } catch (error) {
        throw systemError(error, { action: "can't write to", path: draftPath ?? 'standard output' });
      }
    },
    publish: () => undefined,
    discard: () => true,
  };
}
