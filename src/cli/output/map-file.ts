/** What `--map` writes: a line of JSON for each message of the archive, into a file or to standard output. */

import { dirname } from 'node:path';
import { SystemError } from '../../errors.ts';
import type { AtomicFile } from '../../fs/atomic-file.ts';
import { refuseWithin } from '../../fs/directories-above.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { createNewFile } from '../../fs/new-file.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../../fs/open-flags.ts';
import { readFully } from '../../fs/read-fully.ts';
import { unlessErrno } from '../../fs/system-error.ts';
import { QUEUE_DIRECTORY } from '../../queue/queue-name.ts';
import type { MessageMapping } from '../../restore/options.ts';
import { isDryRunLine, type MappingOptions, mappingJson } from './restore-json.ts';

/** The map of a restore. */
export interface MessageMap {
  /** Never throws: a restore must not be cut off for its map. What went wrong, publish() tells. */
  add(mapping: MessageMapping): void;
  /**
   * Gives the file its name once it is complete and durable.
   *
   * @throws SystemError: it could not be written, now or before; the restore is done all the same.
   */
  publish(): void;
  /** Removes what was written, unless it was published. */
  discard(): void;
}

const BUFFERED_LINES = 500;
/** More than the longest line: two queue names, two queue IDs, a reason, findings. */
const FIRST_LINE_MAXIMUM = 16_384;

/** A map in a file of its own. */
export class MapFile implements MessageMap {
  readonly #file: AtomicFile;
  readonly #options: MappingOptions;
  #lines: string[] = [];
  #failure: { readonly error: unknown } | undefined;

  /**
   * The name must be free when the command begins, or have the map of a dry run; it is given only at the end. So a command
   * that was cut off can be given again as it was, and its second run writes the whole map.
   *
   * @throws OperatorError `output-exists`: there is such a file, or it can't be made
   */
  constructor(path: string, options: MappingOptions, fs: FileSystem = nodeFileSystem) {
    refuseWithin(fs, dirname(path), QUEUE_DIRECTORY);
    this.#file = createNewFile(fs, path, {
      mayReplace: (name) => isDryRunMap(fs, name),
    });
    this.#options = options;
  }

  add(mapping: MessageMapping): void {
    this.#lines.push(mappingJson(mapping, this.#options));
    if (this.#lines.length >= BUFFERED_LINES) {
      this.#write();
    }
  }

  publish(): void {
    this.#write();
    if (this.#failure !== undefined) {
      throw withoutMap(this.#failure.error, this.#file.path);
    }
    try {
      this.#file.publish();
    } catch (error) {
      throw withoutMap(error, this.#file.path);
    }
  }

  discard(): void {
    this.#file.discard();
  }

  #write(): void {
    const text = this.#lines.join('');
    this.#lines = [];
    if (text === '' || this.#failure !== undefined) {
      return;
    }
    try {
      this.#file.write(Buffer.from(text));
    } catch (error) {
      this.#failure = { error };
      // On a full disk others need the room.
      this.#file.discard();
    }
  }
}

/** A map on standard output. A reader that has gone does not cut the restore off. */
export class StreamedMap implements MessageMap {
  readonly #write: (line: string) => void;
  readonly #options: MappingOptions;
  #failure: { readonly error: unknown } | undefined;

  constructor(write: (line: string) => void, options: MappingOptions) {
    this.#write = write;
    this.#options = options;
  }

  add(mapping: MessageMapping): void {
    try {
      if (this.#failure === undefined) {
        this.#write(mappingJson(mapping, this.#options));
      }
    } catch (error) {
      this.#failure = { error };
    }
  }

  publish(): void {
    if (this.#failure !== undefined) {
      throw withoutMap(this.#failure.error, undefined);
    }
  }

  /** What was written is with its reader. */
  discard(): void {}
}

/** What a dry run wrote stands in nobody's way. A link is never taken for it. */
function isDryRunMap(fs: FileSystem, path: string): boolean {
  if (fs.lstat(path)?.type !== 'file') {
    return false;
  }
  const fd = unlessErrno(['ENOENT', 'EACCES', 'ELOOP'], () => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) {
    return false;
  }
  try {
    const start = readFully(fs, fd, { into: new Uint8Array(FIRST_LINE_MAXIMUM), position: 0 });
    return isDryRunLine(Buffer.from(start).toString().split('\n', 1)[0] ?? '');
  } finally {
    fs.close(fd);
  }
}

/** Everything else that the command had to do is done: people are told that, and how to get a map after all. */
function withoutMap(error: unknown, path: string | undefined): unknown {
  if (!(error instanceof SystemError)) {
    return error;
  }
  return new SystemError(error.code, `all is done but the map: ${error.message}`, {
    ...(path === undefined ? {} : { path }),
    errno: error.errno,
    nextStep:
      'Make room, or name another file, and give the same command again: it restores nothing twice, and its map tells where the messages are.',
    cause: error,
  });
}
