/** The archive that is restored: as it is, or what is intact of it. */

import { type ArchiveReader, openArchive } from '../archive/archive-reader.ts';
import { ArchiveSource } from '../archive/archive-source.ts';
import { openFailure } from '../archive/open-failure.ts';
import { type SalvagedArchive, salvageToArchive } from '../archive/salvage/salvaged-archive.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import type { MessageLine } from '../format/catalogue-line.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { systemError } from '../fs/system-error.ts';

/** The archive that is restored, and what is known to be lost of it. */
export interface RestoredArchive {
  readonly archive: ArchiveReader;
  readonly lost: readonly MessageLine[];
  /** Bytes of which nobody knows what they held. */
  readonly unaccountedBytes: number;
  /** False: nobody can tell whether anything is missing. */
  readonly isAccounted: boolean;
  readonly warnings: readonly string[];
}

interface RestoredFiles {
  /** The archive, and two empty files for what is intact of it and its catalogue. Whoever opened them closes them. */
  readonly files: readonly number[];
  readonly archiveName: string;
  readonly salvage: boolean;
  /** Another text at each call. */
  readonly randomName: () => string;
}

/** Opens the archive; where it is to be salvaged, what is intact of it. */
export async function openRestoredArchive(
  fs: FileSystem,
  { files, archiveName, salvage, randomName }: RestoredFiles,
): Promise<RestoredArchive> {
  const [fd, intact, catalogue] = files;
  if (fd === undefined) {
    throw new Error('a restore needs an archive');
  }
  const codec = await loadCodec();
  const source = new ArchiveSource(fs, fd);
  if (!salvage) {
    try {
      return {
        archive: openArchive({ source, codec }),
        lost: [],
        unaccountedBytes: 0,
        isAccounted: true,
        warnings: [],
      };
    } catch (error) {
      const failure = await openFailure(error, { name: archiveName, source, codec });
      throw systemError(failure, { action: "can't read the archive", path: archiveName });
    }
  }
  if (intact === undefined || catalogue === undefined) {
    throw new Error('a restore of a damaged archive needs files for what is intact');
  }
  try {
    const salvaged = salvageToArchive({ fs, source, codec, files: { archive: intact, catalogue }, randomName });
    const { archive, lost, hasCatalogue: isAccounted, lostBytes } = salvaged;
    const unaccountedBytes = isAccounted ? 0 : lostBytes;
    return { archive, lost, unaccountedBytes, isAccounted, warnings: salvageWarnings(salvaged) };
  } catch (error) {
    throw await openFailure(error, { name: archiveName, source, codec });
  }
}

function salvageWarnings({ lost, withoutLogs, hasCatalogue, lostBytes, extraBytes }: SalvagedArchive): string[] {
  const named = lost.map(
    ({ queue_name, queue_id, sender, message_size }) =>
      `lost: ${queue_name}/${queue_id} from ${sender}, ${message_size} bytes`,
  );
  named.push(...withoutLogs.map((line) => `${line.queue_name}/${line.queue_id} goes without a log that is lost`));
  if (extraBytes > 0) {
    named.push(`${extraBytes} bytes follow the archive that are none of it, and are passed over`);
  }
  if (hasCatalogue) {
    return named;
  }
  return [
    ...named,
    `the archive's catalogue can't be relied on: ${lostText(lostBytes)}`,
    "without a catalogue it can't be known which messages had left the source queue: such mail may go out again",
  ];
}

/** Of a file that ends before its time all that is there may be intact. */
function lostText(lostBytes: number): string {
  return lostBytes === 0
    ? "what else the archive held can't be told"
    : `${lostBytes} bytes of the archive are damaged or missing, and what they held can't be told`;
}
