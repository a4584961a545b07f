/** `seal.json`, the last entry: an archive without it is not complete. */

import { ArchiveError } from '../errors.ts';
import { isMessageQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import { checkVersion } from './header.ts';
import { isIdFilter, OPEN_FILTER } from './id-filter.ts';
import {
  arrayMember,
  asJsonObject,
  booleanMember,
  integerMember,
  type JsonObject,
  objectMember,
  parseJsonObject,
  sha256Member,
  stringMember,
  wrong,
} from './json-member.ts';
import { CATALOGUE_PART_MAXIMUM, FORMAT_VERSION, SEAL_MAXIMUM } from './limits.ts';

/** How the taking of the snapshot went, as `backup` tells it. */
export interface SnapshotOutcome {
  /** ISO 8601 with zone. */
  readonly finished: string;
  /** Whether the listings were fast enough to have missed nothing. */
  readonly settled: boolean;
  /** How often the directories were listed. */
  readonly passes: number;
  /** Files that were still being written, not taken. */
  readonly incomplete: number;
  /** Files and names that could not be read, not taken. */
  readonly unreadable: number;
}

export interface QueueTotals {
  readonly messages: number;
  readonly bytes: number;
}

/** Counted over the catalogue. */
export interface CatalogueTotals {
  /** Messages that were in the queue at the end. */
  readonly messages: number;
  /** Messages that left during the snapshot. */
  readonly left: number;
  readonly logs: number;
  /** Messages of both states whose records are broken. */
  readonly malformed: number;
  /** Content of all entries under `queue/`. */
  readonly bytes: number;
  /** Messages that were in the queue at the end, and their files' bytes. */
  readonly by_queue: Readonly<Partial<Record<MessageQueueName, QueueTotals>>>;
}

/** One entry `catalogue/NNNNNN.jsonl`; its number is its place in the list. */
export interface CataloguePart {
  /** The frame that it begins. */
  readonly frame: number;
  readonly size: number;
  readonly lines: number;
  readonly sha256: string;
  /** Over the queue IDs of its lines. */
  readonly idFilter: Uint8Array;
}

export interface Seal extends SnapshotOutcome, CatalogueTotals {
  readonly format: 1;
  readonly snapshot_id: string;
  /** Of the content of `postsnap.json`. */
  readonly header_sha256: string;
  /** Frames before the first of the catalogue, or of the seal where the catalogue is empty. */
  readonly frames: number;
  readonly catalogue: readonly CataloguePart[];
}

/**
 * Where the seal of a catalogue with very many parts would be bigger than a reader takes, its parts have filters that find
 * everything: one message is found by reading them all. Without filters a part takes less than 300 bytes of the seal for its
 * MiB of the catalogue, so that only a catalogue of 200 GiB would be too much.
 *
 * @param maximum for tests; default {@link SEAL_MAXIMUM}
 */
export function encodeSeal(seal: Seal, maximum: number = SEAL_MAXIMUM): Uint8Array {
  const bytes = Buffer.from(sealText(seal, (part) => part.idFilter));
  return bytes.length <= maximum ? bytes : Buffer.from(sealText(seal, () => OPEN_FILTER));
}

function sealText(seal: Seal, filterOf: (part: CataloguePart) => Uint8Array): string {
  const catalogue = seal.catalogue.map((part) => {
    const { idFilter: _, ...rest } = part;
    return { ...rest, id_filter: Buffer.from(filterOf(part)).toString('base64') };
  });
  return `${JSON.stringify({ ...seal, catalogue })}\n`;
}

/** @throws ArchiveError `unknown-version`, `damaged` */
export function decodeSeal(bytes: Uint8Array): Seal {
  const object = parseJsonObject(Buffer.from(bytes).toString(), 'seal.json');
  checkVersion(object);
  const seal: Seal = {
    format: FORMAT_VERSION,
    snapshot_id: stringMember(object, 'snapshot_id'),
    header_sha256: sha256Member(object, 'header_sha256'),
    frames: integerMember(object, 'frames', 1),
    ...decodeOutcome(object),
    ...decodeTotals(object),
    catalogue: arrayMember(object, 'catalogue').map(decodePart),
  };
  checkParts(seal);
  return seal;
}

function decodeOutcome(object: JsonObject): SnapshotOutcome {
  return {
    finished: stringMember(object, 'finished'),
    settled: booleanMember(object, 'settled'),
    passes: integerMember(object, 'passes'),
    incomplete: integerMember(object, 'incomplete'),
    unreadable: integerMember(object, 'unreadable'),
  };
}

function decodeTotals(object: JsonObject): CatalogueTotals {
  return {
    messages: integerMember(object, 'messages'),
    left: integerMember(object, 'left'),
    logs: integerMember(object, 'logs'),
    malformed: integerMember(object, 'malformed'),
    bytes: integerMember(object, 'bytes'),
    by_queue: decodeQueues(objectMember(object, 'by_queue')),
  };
}

function decodeQueues(object: JsonObject): CatalogueTotals['by_queue'] {
  const entries = Object.keys(object.members).map((name): [string, QueueTotals] => {
    const totals = objectMember(object, name);
    const value = { messages: integerMember(totals, 'messages'), bytes: integerMember(totals, 'bytes') };
    return isMessageQueueName(name) ? [name, value] : wrong(object, name);
  });
  return Object.fromEntries(entries);
}

function decodePart(value: unknown): CataloguePart {
  const object = asJsonObject(value, 'seal.json: catalogue');
  const idFilter = Buffer.from(stringMember(object, 'id_filter'), 'base64');
  return {
    frame: integerMember(object, 'frame', 1),
    size: integerMember(object, 'size'),
    lines: integerMember(object, 'lines'),
    sha256: sha256Member(object, 'sha256'),
    idFilter: isIdFilter(idFilter) ? idFilter : wrong(object, 'id_filter'),
  };
}

/** The parts begin frames, one after the other, behind the messages' frames, and none is bigger than a reader holds. */
function checkParts(seal: Seal): void {
  let next = seal.frames;
  for (const part of seal.catalogue) {
    if (part.frame < next || part.size > CATALOGUE_PART_MAXIMUM) {
      throw new ArchiveError('damaged', 'seal.json: the parts of the catalogue are out of order or too big');
    }
    next = part.frame + 1;
  }
}
