/**
 * `diff`: what is different between two archives. A message is known by its fingerprint, which stays the same however far
 * its delivery has gone; what pickup(8) wrote anew, also after `postsuper -r`, by its lineage (record/lineage.ts).
 */

import type { ArchiveReader } from '../archive/archive-reader.ts';
import { openArchiveFile } from '../archive/open-archive.ts';
import { type ArchiveLocation, archiveLocation } from '../archive-location.ts';
import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import type { OperationControl } from '../operation.ts';
import { lastingSender } from '../record/lineage.ts';
import { DigestTable } from '../table/digest-table.ts';
import { type Descent, LineageTable } from '../table/lineage-table.ts';
import { LineStore } from './line-store.ts';
import { changesOf, type MessageChange } from './message-changes.ts';
import { pause } from './pause.ts';

export type Difference =
  | { readonly change: 'only_left'; readonly left: MessageLine; readonly right: null }
  | { readonly change: 'only_right'; readonly left: null; readonly right: MessageLine }
  | {
      readonly change: 'changed';
      readonly left: MessageLine;
      readonly right: MessageLine;
      readonly changes: readonly MessageChange[];
    };

export interface DiffOptions {
  /** A path, or a location. */
  readonly left: string | ArchiveLocation;
  readonly right: string | ArchiveLocation;
  readonly onDifference?: (difference: Difference) => void;
}

export interface DiffReport {
  readonly same: number;
  readonly changed: number;
  readonly only_left: number;
  readonly only_right: number;
}

/** How often an operation lets signals through. */
const LINES_BETWEEN_PAUSES = 1000;

/**
 * Compares what two archives say was in the queue when the snapshots were complete; what left before is in neither.
 * In memory are some numbers for each message of the right one; the lines stand in a temporary file.
 *
 * @throws ArchiveError: an archive is damaged, not complete, hostile or of an unknown version.
 * @throws OperatorError `not-found`: there is no such archive.
 * @throws SystemError: it can't be read.
 * @throws InterruptedError: by the control's signal.
 */
export async function diff(options: DiffOptions, control: OperationControl = {}): Promise<DiffReport> {
  const left = await openArchiveFile(archiveLocation(options.left), control);
  try {
    const right = await openArchiveFile(archiveLocation(options.right), control);
    try {
      return await compare({ left, right, onDifference: options.onDifference ?? (() => undefined) }, control);
    } finally {
      right.close();
    }
  } finally {
    left.close();
  }
}

interface Comparison {
  readonly left: Pick<ArchiveReader, 'catalogue'>;
  readonly right: Pick<ArchiveReader, 'catalogue'>;
  readonly onDifference: (difference: Difference) => void;
}

async function compare({ left, right, onDifference }: Comparison, control: OperationControl): Promise<DiffReport> {
  const counts = { same: 0, changed: 0, only_left: 0, only_right: 0 };
  const tell = (difference: Difference): void => {
    counts[difference.change] += 1;
    onDifference(difference);
  };
  const tellPair = (one: MessageLine, other: MessageLine): void => {
    const changes = changesOf(one, other);
    if (changes.length === 0) {
      counts.same += 1;
    } else {
      tell({ change: 'changed', left: one, right: other, changes });
    }
  };
  const messages = new RightMessages();
  const stores: LineStore[] = [];
  try {
    await eachQueued(right.catalogue(), control, (line) => messages.add(line));
    let unmatched: Iterable<CatalogueLine> = left.catalogue();
    for (const way of WAYS) {
      const rest = new LineStore(nodeFileSystem);
      stores.push(rest);
      await eachQueued(unmatched, control, (line) => {
        const counterpart = way(messages, line);
        if (counterpart === undefined) {
          rest.add(line);
        } else {
          tellPair(line, counterpart);
        }
      });
      unmatched = rest.all();
    }
    await eachQueued(unmatched, control, (line) => tell({ change: 'only_left', left: line, right: null }));
    await eachQueued(messages.rest(), control, (line) => tell({ change: 'only_right', left: null, right: line }));
    return counts;
  } finally {
    messages.close();
    for (const store of stores) {
      store.close();
    }
  }
}

async function eachQueued(
  lines: Iterable<CatalogueLine>,
  { signal }: OperationControl,
  use: (line: MessageLine) => void,
): Promise<void> {
  let count = 0;
  for (const line of lines) {
    if (line.kind === 'message' && line.state === 'queued') {
      use(line);
    }
    count += 1;
    if (count % LINES_BETWEEN_PAUSES === 0) {
      await pause(signal);
    }
  }
}

/** How the counterpart of a message is looked for, one way after the other, each among what the ones before left over. */
type Way = (messages: RightMessages, line: MessageLine) => MessageLine | undefined;

const WAYS: readonly Way[] = [
  (messages, line) => messages.takeSame(line, { isNamed: true }),
  (messages, line) => messages.takeSame(line, { isNamed: false }),
  (messages, line) => messages.takeRelative(line),
];

const NONE = 0xffff_ffff;
/** Of so many messages that have one digest the one with the right name is chosen; a catalogue may say what it likes. */
const CANDIDATES_MAXIMUM = 16;

/** Messages by their fingerprints: for each a chain, the last that was added first. */
class FingerprintChains {
  readonly #last = new DigestTable();
  /** For each message the one before it of the same fingerprint: somebody may have copied a queue file. */
  readonly #before: number[] = [];

  /** Adds the next message: their numbers are 0 and so on. */
  add(fingerprint: string): void {
    const number = this.#before.length;
    this.#before.push(this.#last.get(fingerprint) ?? NONE);
    this.#last.set(fingerprint, number);
  }

  /** The first that is wanted; what is taken is left out of the chain for good. */
  find(fingerprint: string, { isTaken, isWanted }: ChainQuestion): number | undefined {
    let looked = 0;
    let after = NONE;
    for (let at = this.#last.get(fingerprint) ?? NONE; at !== NONE && looked < CANDIDATES_MAXIMUM; ) {
      const before = this.#before[at] ?? NONE;
      if (isTaken(at)) {
        this.#unlink(fingerprint, { after, before });
      } else if (isWanted(at)) {
        return at;
      } else {
        looked += 1;
        after = at;
      }
      at = before;
    }
    return undefined;
  }

  #unlink(fingerprint: string, { after, before }: { readonly after: number; readonly before: number }): void {
    if (after === NONE) {
      this.#last.set(fingerprint, before);
    } else {
      this.#before[after] = before;
    }
  }
}

interface ChainQuestion {
  readonly isTaken: (number: number) => boolean;
  readonly isWanted: (number: number) => boolean;
}

/** The messages of the right side, each of which is the counterpart of one message of the left at most. */
class RightMessages {
  readonly #store = new LineStore(nodeFileSystem);
  readonly #chains = new FingerprintChains();
  readonly #taken: boolean[] = [];
  #relatives: LineageTable | undefined;

  add(line: MessageLine): void {
    this.#store.add(line);
    this.#taken.push(false);
    this.#chains.add(line.fingerprint);
  }

  /** The same message. @param isNamed only one that has the same queue ID */
  takeSame(line: MessageLine, { isNamed }: { readonly isNamed: boolean }): MessageLine | undefined {
    const number = this.#chains.find(line.fingerprint, {
      isTaken: (candidate) => this.#taken[candidate] === true,
      isWanted: (candidate) => {
        const { fingerprint, queue_id } = this.#store.get(candidate);
        // The table compares the half of a digest.
        return fingerprint === line.fingerprint && (!isNamed || queue_id === line.queue_id);
      },
    });
    return this.#take(number);
  }

  /** What was made of the message, or what it was made of, among those that no message was the same as. */
  takeRelative(line: MessageLine): MessageLine | undefined {
    this.#relatives ??= this.#lineages();
    const descent = descentOf(line);
    const successor = this.#relatives.successorOf(descent, true);
    return this.#take(successor) ?? this.#take(this.#relatives.predecessorOf(descent, true));
  }

  #lineages(): LineageTable {
    const table = new LineageTable();
    for (const [number, isTaken] of this.#taken.entries()) {
      if (!isTaken) {
        const descent = descentOf(this.#store.get(number));
        table.noteOrigin(descent, number);
        table.noteSubmission(descent, number);
      }
    }
    return table;
  }

  #take(number: number | undefined): MessageLine | undefined {
    if (number === undefined || this.#taken[number] !== false) {
      return undefined;
    }
    this.#taken[number] = true;
    return this.#store.get(number);
  }

  /** Those that are nobody's counterpart. */
  *rest(): Generator<MessageLine, void, undefined> {
    for (const [number, isTaken] of this.#taken.entries()) {
      if (!isTaken) {
        yield this.#store.get(number);
      }
    }
  }

  close(): void {
    this.#store.close();
  }
}

function descentOf({ submission, origin, sender }: MessageLine): Descent {
  return { submission, origin, sender: lastingSender(sender) };
}
