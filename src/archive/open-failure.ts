/** What people are told of an archive that can't be opened: its name first, and what the file is if it was never ours. */

import type { ByteSource } from '../byte-source.ts';
import { ArchiveError } from '../errors.ts';
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
    const { what, nextStep } = describeForeign(foreign, name);
    return new ArchiveError('foreign', `${name} is no archive of postsnap: ${what}`, { nextStep, cause: error });
  }
  return namedError(error, name);
}

/** Adds the archive's name to an error that is about it. */
export function namedError(error: unknown, name: string): unknown {
  if (!(error instanceof ArchiveError) || error.message.startsWith(name)) {
    return error;
  }
  return new ArchiveError(error.code, `${name}: ${error.message}`, {
    ...(error.nextStep === undefined ? {} : { nextStep: error.nextStep }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    cause: error,
  });
}

interface Description {
  readonly what: string;
  readonly nextStep: string;
}

const ANOTHER = 'Name the file that postsnap backup wrote.';

function describeForeign(foreign: ForeignFile, name: string): Description {
  switch (foreign.kind) {
    case 'empty':
      return { what: 'it is empty', nextStep: ANOTHER };
    case 'tar': {
      const packed = foreign.packing === 'plain' ? '' : `, packed by ${foreign.packing}`;
      const nextStep = `If it is a tar of a Postfix queue, make an archive of it: postsnap import ${typed(name)} ARCHIVE`;
      return { what: `it is a tar of another program${packed}`, nextStep };
    }
    case 'packed':
      return foreign.packing === 'age'
        ? {
            what: 'it is encrypted by age',
            nextStep: `Decrypt it on the way: age -d ${typed(name)} | postsnap COMMAND -`,
          }
        : { what: `it is something else, packed by ${foreign.packing}`, nextStep: ANOTHER };
    case 'text':
      return { what: 'it is a text', nextStep: ANOTHER };
    case 'unknown':
      return { what: 'it does not begin as one, and nothing of one is in it', nextStep: ANOTHER };
  }
}

/** A name that needs no quotes in a shell, or a word that stands for it. */
function typed(name: string): string {
  return /^[\w./+@%:,][\w./+@%:,-]*$/u.test(name) ? name : 'FILE';
}
