/** A tar that is read from its beginning several times, plain or packed. */

import type { ArchiveSource } from '../archive/archive-source.ts';
import { unpackedBytes } from '../archive/unpacked-bytes.ts';
import { InterruptedError } from '../errors.ts';
import type { OperationControl } from '../operation.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

/** The tar is read so often, as far as progress goes. */
const READINGS = 2;

const nextStep = (command: string): string => `Unpack it on the way: ${command} FILE | postsnap import - ARCHIVE`;

interface ReadTar {
  readonly name: string;
  readonly source: ArchiveSource;
  readonly control: OperationControl;
}

export class TarReadings {
  readonly #tar: ReadTar;
  #begun = 0;

  constructor(tar: ReadTar) {
    this.#tar = tar;
  }

  /**
   * Gives the entries from the first on, each time it is called.
   *
   * @throws InterruptedError: by the control's signal
   */
  async *entries(): AsyncGenerator<TarEntry, void, undefined> {
    const { name, source, control } = this.#tar;
    const before = Math.min(this.#begun, READINGS - 1) * source.size;
    this.#begun += 1;
    const onRead = (bytes: number): void => {
      const [done, total] = [before + bytes, READINGS * source.size];
      control.onEvent?.({ kind: 'progress', phase: 'reading', done, total, unit: 'bytes' });
    };
    for await (const entry of tarEntries(unpackedBytes({ name, source, onRead, nextStep }))) {
      if (control.signal?.aborted === true) {
        throw new InterruptedError();
      }
      yield entry;
    }
  }
}
