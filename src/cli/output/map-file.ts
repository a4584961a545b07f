import { randomBytes } from 'node:crypto';
import { type AtomicFile, createAtomicFile } from '../../fs/atomic-file.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import type { MessageMapping } from '../../restore/options.ts';
import { mappingJson } from './restore-json.ts';

/** The file of `--map`: a line of JSON for each message of the archive. */
export interface MapFile {
  add(mapping: MessageMapping): void;
  /** Gives the file its name once it is complete and durable. */
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
  function write(): void {
    if (lines.length > 0) {
      file.write(Buffer.from(lines.join('')));
    }
    lines = [];
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
      file.publish();
    },
    discard: () => {
      file.discard();
    },
  };
}
