import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import { openArchiveFile, openArchiveSource } from '../archive/open-archive.ts';
import { type SalvagedArchive, salvageToArchive } from '../archive/salvage/salvaged-archive.ts';
import { loadCodec } from '../archive/zstd/load-codec.ts';
import type { ArchiveLocation } from '../archive-location.ts';
import type { MessageLine } from '../format/catalogue-line.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { openSpoolFile } from '../fs/unnamed-file.ts';
import type { OperationControl } from '../operation.ts';

/** The archive that is restored, and what is known to be lost of it. */
export interface RestoreSource {
  readonly archive: ArchiveReader;
  readonly lost: readonly MessageLine[];
  /** Bytes of which nobody knows what they held. */
  readonly unaccountedBytes: number;
  readonly warnings: readonly string[];
}

/** Opens the archive; where it is to be salvaged, what is intact of it. */
export async function openSource(
  location: ArchiveLocation,
  { salvage }: { readonly salvage: boolean },
  control: OperationControl,
): Promise<RestoreSource> {
  if (!salvage) {
    return { archive: await openArchiveFile(location, control), lost: [], unaccountedBytes: 0, warnings: [] };
  }
  const fs = nodeFileSystem;
  const codec = await loadCodec();
  const randomName = (): string => randomBytes(8).toString('hex');
  const openSpool = (): number => openSpoolFile(fs, tmpdir(), randomName);
  const source = await openArchiveSource(location, control);
  try {
    const salvaged = salvageToArchive({ fs, source, codec, openSpool, randomName });
    const { archive, lost, hasCatalogue, lostBytes } = salvaged;
    return { archive, lost, unaccountedBytes: hasCatalogue ? 0 : lostBytes, warnings: salvageWarnings(salvaged) };
  } finally {
    source.close();
  }
}

function salvageWarnings({ lost, withoutLogs, hasCatalogue, lostBytes }: SalvagedArchive): string[] {
  const named = lost.map(
    ({ queue_name, queue_id, sender, message_size }) =>
      `lost: ${queue_name}/${queue_id} from ${sender}, ${message_size} bytes`,
  );
  named.push(...withoutLogs.map((line) => `${line.queue_name}/${line.queue_id} goes without a log that is lost`));
  if (hasCatalogue) {
    return named;
  }
  return [
    ...named,
    `the archive's catalogue is lost: ${lostBytes} bytes of it are damaged or missing, and what they held can't be told`,
    "without a catalogue it can't be known which messages had left the source queue: such mail may go out again",
  ];
}
