/**
 * The names of an archive's entries. There are exactly four forms, and no other is ever written or taken: so no name
 * in an archive can lead out of the directory that a reader works in.
 */

import { ArchiveError } from '../errors.ts';
import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { pathAtDepth } from '../queue/layout.ts';
import { parseQueueId, type QueueId } from '../queue/queue-id.ts';
import { isQueueName, type QueueName } from '../queue/queue-name.ts';

/** A queue file or a log file. */
export interface FileEntryName {
  readonly kind: 'file';
  readonly queueName: QueueName;
  readonly id: QueueId;
  /** Levels of hash directories above the file: as it stood in the source. */
  readonly depth: number;
}

export type EntryName =
  | { readonly kind: 'header' }
  | FileEntryName
  | { readonly kind: 'catalogue'; readonly part: number }
  | { readonly kind: 'seal' };

const HEADER_NAME = 'postsnap.json';
const SEAL_NAME = 'seal.json';
const QUEUE_PREFIX = 'queue/';
const CATALOGUE_PREFIX = 'catalogue/';
const CATALOGUE_NAME = /^catalogue\/([0-9]{6})\.jsonl$/;

export function formatEntryName(name: EntryName): string {
  switch (name.kind) {
    case 'header':
      return HEADER_NAME;
    case 'file':
      return QUEUE_PREFIX + pathAtDepth(name.queueName, name.id, name.depth);
    case 'catalogue':
      return `${CATALOGUE_PREFIX}${String(name.part).padStart(6, '0')}.jsonl`;
    case 'seal':
      return SEAL_NAME;
  }
}

/**
 * Reads an entry's name.
 *
 * @throws ArchiveError `hostile`: it has none of the four forms.
 */
export function parseEntryName(text: string): EntryName {
  const name = fixedName(text) ?? parseFileName(text) ?? parseCatalogueName(text);
  if (name === undefined) {
    throw new ArchiveError(
      'hostile',
      `the archive holds an entry of a name that postsnap never writes: ${quoted(text)}`,
    );
  }
  return name;
}

function fixedName(text: string): EntryName | undefined {
  if (text === HEADER_NAME) {
    return { kind: 'header' };
  }
  return text === SEAL_NAME ? { kind: 'seal' } : undefined;
}

function parseFileName(text: string): FileEntryName | undefined {
  if (!text.startsWith(QUEUE_PREFIX)) {
    return undefined;
  }
  const segments = text.slice(QUEUE_PREFIX.length).split('/');
  const queueName = segments.at(0) ?? '';
  const id = parseQueueId(segments.at(-1) ?? '');
  const depth = segments.length - 2;
  if (!isQueueName(queueName) || id === undefined || depth < 0 || depth > MAXIMUM_HASH_DEPTH) {
    return undefined;
  }
  const name: FileEntryName = { kind: 'file', queueName, id, depth };
  return formatEntryName(name) === text ? name : undefined;
}

function parseCatalogueName(text: string): EntryName | undefined {
  const digits = CATALOGUE_NAME.exec(text)?.[1];
  return digits === undefined ? undefined : { kind: 'catalogue', part: Number(digits) };
}

/** A hostile name must not reach a terminal as it is. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100)).replaceAll(/[^\x20-\x7e]/g, '?');
}
