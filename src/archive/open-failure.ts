/** What people are told of an archive that can't be opened: its name first, and what the file is if it was never ours. */

import type { ByteSource } from '../byte-source.ts';
import { ArchiveError, type Remedy } from '../errors.ts';
import { type ForeignFile, foreignFile } from './foreign-file.ts';
import type { Codec } from './zstd/codec.ts';

export interface FailedArchive {
  /** As messages name it. */
  readonly name: string;
  readonly source: ByteSource;
  readonly codec: Codec;
}

/**
 * Makes an error of the archive one that names it; any other is given back. `throw await openFailure(error, …)` is right
 * for whatever was caught.
 */
export async function openFailure(error: unknown, { name, source, codec }: FailedArchive): Promise<unknown> {
  if (!(error instanceof ArchiveError)) {
    return error;
  }
  const foreign = error.code === 'unknown-version' ? undefined : await foreignFile(source, codec);
  if (foreign !== undefined) {
    const { what, ...next } = describeForeign(foreign);
    const path = name === STANDARD_INPUT ? {} : { path: name };
    return new ArchiveError('foreign', `${name} is no archive of postsnap: ${what}`, {
      ...next,
      ...path,
      cause: error,
    });
  }
  return namedError(error, name);
}

/** Adds the archive's name to an error that is about it. */
export function namedError(error: unknown, name: string): unknown {
  if (!(error instanceof ArchiveError) || error.message.startsWith(`${name}: `) || error.code === 'foreign') {
    return error;
  }
  return new ArchiveError(error.code, `${name}: ${error.message}`, {
    ...(name === STANDARD_INPUT ? {} : { path: name }),
    ...(error.nextStep === undefined ? {} : { nextStep: error.nextStep }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    cause: error,
  });
}

interface Description {
  readonly what: string;
  readonly nextStep?: string;
  readonly remedy?: Remedy;
}

/** As {@link nameOf} calls it. */
const STANDARD_INPUT = 'standard input';

const ANOTHER = 'Name the file that postsnap backup wrote.';

function describeForeign(foreign: ForeignFile): Description {
  switch (foreign.kind) {
    case 'empty':
      return { what: 'it is empty', nextStep: ANOTHER };
    case 'tar': {
      const packed = foreign.packing === 'plain' ? '' : `, packed by ${foreign.packing}`;
      return { what: `it is a tar of another program${packed}`, remedy: 'import-tar' };
    }
    case 'packed':
      return foreign.packing === 'age'
        ? { what: 'it is encrypted by age', remedy: 'decrypt' }
        : { what: `it is something else, packed by ${foreign.packing}`, nextStep: ANOTHER };
    case 'text':
      return { what: 'it is a text', nextStep: ANOTHER };
    case 'unknown':
      return { what: 'it does not begin as one, and nothing of one is in it', nextStep: ANOTHER };
  }
}
