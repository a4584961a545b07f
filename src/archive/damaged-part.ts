/** Damage is told by the part of an archive that has it, in words that need no knowledge of the format. */

import { ArchiveError } from '../errors.ts';

/** How people are told of a part, and what its loss costs. */
const PARTS = {
  header: {
    is: 'its header, which says of which queue it is,',
    costs: 'That costs no message.',
  },
  index: {
    is: 'the index at its end',
    costs: 'That costs no message.',
  },
  seal: {
    is: 'the mark at its end, which says that it is complete,',
    costs: 'That costs no message; that none is missing can not be told any more.',
  },
  catalogue: {
    is: 'its catalogue, the list of its messages,',
    costs: 'The messages themselves may be whole; which had left the queue can not be told any more.',
  },
} as const;

type ArchivePart = keyof typeof PARTS;

/** An archive that has no end. */
const CUT_OFF = 'its end is missing: it was cut off, or never finished. What stands before that may be whole.';

/**
 * Reads a part of an archive. Damage in it is told as that of the part.
 *
 * @throws ArchiveError: what `read` throws; where that is damage, one that names the part and what it costs
 */
export function readPart<Result>(part: ArchivePart, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw asDamageOf(part, error);
  }
}

/** Damage in the reading of a part, as that of the part; anything else as it is. */
export function asDamageOf(part: ArchivePart, error: unknown): unknown {
  const isDamage = error instanceof ArchiveError && (error.code === 'damaged' || error.code === 'incomplete');
  if (!isDamage || error.remedy === 'salvage') {
    // What is told in these words already.
    return error;
  }
  const { is, costs } = PARTS[part];
  return new ArchiveError(error.code, `${is} is damaged. ${costs}`, { remedy: 'salvage', cause: error });
}

/** The error of an archive without an end. */
export function cutOff(): ArchiveError {
  return new ArchiveError('incomplete', CUT_OFF, { remedy: 'salvage' });
}

/** The error of a file that holds more than an archive. */
export function followedBy(extra: number, whole: number): ArchiveError {
  const follow = extra === 1 ? '1 byte follows that is' : `${extra} bytes follow that are`;
  return new ArchiveError('damaged', `the first ${whole} bytes of it are a whole archive, and ${follow} none of it.`, {
    remedy: 'salvage',
  });
}
