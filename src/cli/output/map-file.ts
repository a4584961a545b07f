import { randomBytes } from 'node:crypto';
import { SystemError } from '../../errors.ts';
import { type AtomicFile, createAtomicFile } from '../../fs/atomic-file.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import type { MessageMapping } from '../../restore/options.ts';
import { mappingJson } from './restore-json.ts';

/** The file of `--map`: a line of JSON for each message of the archive. */
export interface MapFile {
  /** Never throws: a restore must not be cut off for its map. What went wrong, publish() tells. */
  add(mapping: MessageMapping): void;
  /**
   * Gives the file its name once it is complete and durable.
   *
   * @throws {SystemError} it could not be written, now or before; the restore is done all the same.
   */
  publish(): void;
  /** Removes what was written, unless it was published. */
  discard(): void;
}

const BUFFERED_LINES = 500;

/**
 * The name must be free when the command begins, and is given only at the end: so a command that was cut off can be
 * given again as it was, and its second run writes the whole map.
 *
 * @throws {OperatorError} code `output-exists` when there is such a file, or it can't be made.
 */
export function openMapFile(path: string, fs: FileSystem = nodeFileSystem): MapFile {
  const file: AtomicFile = createAtomicFile(fs, path, () => randomBytes(6).toString('hex'));
  let lines: string[] = [];
  let failure: { readonly error: unknown } | undefined;
  function write(): void {
    const text = lines.join('');
    lines = [];
    if (text === '' || failure !== undefined) {
      return;
    }
    try {
      file.write(Buffer.from(text));
    } catch (error) {
      failure = { error };
      // On a full disk others need the room.
      file.discard();
    }
  }
  return {
    add(mapping) {
      lines.push(mappingJson(mapping));
      if (lines.length >= BUFFERED_LINES) {
        write();
      }
    },
    publish() {
      write();
      if (failure !== undefined) {
        throw withoutMap(failure.error, path);
      }
      try {
        file.publish();
      } catch (error) {
        throw withoutMap(error, path);
      }
    },
    discard: () => {
      file.discard();
    },
  };
}

/** Everything else that the command had to do is done: people are told that, and how to get a map after all. */
function withoutMap(error: unknown, path: string): unknown {
  if (!(error instanceof SystemError)) {
    return error;
  }
  return new SystemError(error.code, `all is done but the map: ${error.message}`, {
    path,
    errno: error.errno,
    nextStep:
      'Make room, or name another file, and give the same command again: it restores nothing twice, and its map tells where the messages are.',
    cause: error,
  });
}
