/** Opens an archive by its name; one that comes from standard input is put into a temporary file first. */

import { tmpdir } from 'node:os';
import { stdin } from 'node:process';
import type { ArchiveLocation } from '../archive-location.ts';
import { InterruptedError, OperatorError } from '../errors.ts';
import { stepToRead } from '../fs/capabilities.ts';
import { errnoText } from '../fs/errno-text.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { pipedBytes } from '../fs/pipe.ts';
import { errnoOf, systemError } from '../fs/system-error.ts';
import { openUnnamedFile } from '../fs/unnamed-file.ts';
import type { OperationControl } from '../operation.ts';
import { type ArchiveReader, openArchive } from './archive-reader.ts';
import { ArchiveSource } from './archive-source.ts';
import { openFailure } from './open-failure.ts';
import { loadCodec } from './zstd/load-codec.ts';

export interface OpenOptions extends Pick<OperationControl, 'signal' | 'onEvent'> {
  readonly fs?: FileSystem;
  /** What it is, in messages: `archive` when absent. */
  readonly what?: string;
  /** Read in place of standard input. */
  readonly input?: AsyncIterable<Uint8Array>;
}

/**
 * Opens an archive with all its parts.
 *
 * @throws ArchiveError
 * @throws OperatorError `not-found`
 * @throws SystemError
 * @throws InterruptedError
 */
export async function openArchiveFile(location: ArchiveLocation, options: OpenOptions = {}): Promise<ArchiveReader> {
  const codec = await loadCodec();
  const source = await openArchiveSource(location, options);
  try {
    return openArchive({ source, codec });
  } catch (error) {
    const name = nameOf(location);
    try {
      throw systemError(await openFailure(error, { name, source, codec }), {
        action: "can't read the archive",
        path: name,
      });
    } finally {
      source.close();
    }
  }
}

/** Opens an archive whose content may be anything, for reading at any place. */
export async function openArchiveSource(location: ArchiveLocation, options: OpenOptions = {}): Promise<ArchiveSource> {
  const fs = options.fs ?? nodeFileSystem;
  return new ArchiveSource(
    fs,
    location.kind === 'file'
      ? openFile(fs, location.path, options.what ?? 'archive')
      : await copyOfInput(fs, nameOf(location), inputOf(location, options)),
  );
}

/** How messages name an archive. */
export function nameOf(location: ArchiveLocation): string {
  return location.kind === 'stream' ? 'standard input' : location.path;
}

function inputOf(
  location: Exclude<ArchiveLocation, { kind: 'file' }>,
  { input, ...options }: OpenOptions,
): OpenOptions & { readonly input: AsyncIterable<Uint8Array> } {
  const { signal } = options;
  return {
    ...options,
    input: input ?? (location.kind === 'pipe' ? piped(location.path, options) : standardInput(signal)),
  };
}

function piped(path: string, { signal, onEvent }: OpenOptions): AsyncIterable<Uint8Array> {
  const message = `nobody writes to the pipe ${path} yet: a writer is waited for`;
  return pipedBytes(path, { signal, onWait: () => onEvent?.({ kind: 'warning', message }) });
}

function openFile(fs: FileSystem, path: string, what: string): number {
  let fd: number;
  try {
    fd = fs.open(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') {
      throw new OperatorError('not-found', `there is no ${what} ${path}`, {
        path,
        nextStep: 'Name one that is there. Is the disk mounted that it should be on?',
        cause: error,
      });
    }
    if (errnoOf(error) === 'EACCES') {
      throw new OperatorError('not-permitted', `can't open the ${what} ${path}: ${errnoText('EACCES')}`, {
        path,
        nextStep: stepToRead(),
        cause: error,
      });
    }
    throw systemError(error, { action: `can't open the ${what}`, path });
  }
  const { type } = fs.fstat(fd);
  if (type !== 'file') {
    fs.close(fd);
  }
  if (type === 'directory') {
    throw new OperatorError('not-found', `${path} is a directory, and no ${what}`, {
      path,
      remedy: 'back-up-directory',
    });
  }
  if (type !== 'file') {
    throw new OperatorError('not-found', `${path} is not a file`, {
      path,
      nextStep: `Give ${what === 'archive' ? 'an' : 'a'} ${what} that comes through a pipe on standard input, with - as its name.`,
    });
  }
  return fd;
}

async function copyOfInput(
  fs: FileSystem,
  name: string,
  { signal, input, what = 'archive' }: OpenOptions & { readonly input: AsyncIterable<Uint8Array> },
): Promise<number> {
  const directory = tmpdir();
  const fd = openUnnamedFile(fs, directory);
  try {
    for await (const chunk of input) {
      if (signal?.aborted === true) {
        throw new InterruptedError();
      }
      fs.write(fd, chunk);
    }
    return fd;
  } catch (error) {
    fs.close(fd);
    const nextStep = `Name a directory in TMPDIR that has room for the whole ${what}.`;
    throw systemError(error, { action: `can't keep the ${what} from ${name} in`, path: directory, nextStep });
  }
}

async function* standardInput(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  // Whoever should send something may never do so.
  const stop = (): void => void stdin.destroy(new InterruptedError());
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stdin) {
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
