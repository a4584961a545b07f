/** Takes a snapshot of a simulated Postfix with the real algorithm, and judges it. */

import {
  type Candidate,
  type Outcome,
  type Snapshot,
  type SnapshotReader,
  takeSnapshot,
} from '../../src/backup/snapshot.ts';
import type { SnapshotTuning } from '../../src/backup/tuning.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { DEFAULT_LAYOUT } from '../../src/queue/layout.ts';
import { MESSAGE_QUEUES } from '../../src/queue/queue-name.ts';
import { locate } from '../../src/spool/locate.ts';
import { describe, openIfThere } from '../../src/spool/read-file.ts';
import { type OpenMessage, readMessage } from '../../src/spool/read-message.ts';
import { discoverDepths, type Spool } from '../../src/spool/spool.ts';
import { BACKOFF_MS, Choices, type Content, SimulatedPostfix } from './simulated-postfix.ts';
import { QUEUE_DIRECTORY } from './simulated-queue-directory.ts';

export interface Scenario {
  readonly numbers: Uint8Array;
  readonly messages: number;
  readonly longIds: boolean;
  readonly birthTimes: boolean;
  readonly quietSteps: number;
  readonly administratorMoves: number;
  readonly pickupSteps: number;
}

export interface Weakness {
  readonly tuning?: Partial<SnapshotTuning>;
  /** Reads the logs before the message. */
  readonly logsFirst?: boolean;
  /** Takes no message for what went on from one that was selected. */
  readonly forgetsSuccessors?: boolean;
}

/** Messages are chosen by the queue IDs that they have before the backup: those of every other one. */
interface Chosen {
  readonly serials: ReadonlySet<number>;
  readonly ids: ReadonlyMap<number, string>;
  has(id: string): boolean;
}

interface ArchivedCopy {
  readonly content: Content;
  readonly id: string;
  /** Recipients that are marked bounced and have neither a line in the copied log, nor had a notice sent. */
  readonly unexplained: readonly string[];
}

export interface Verdict {
  readonly faults: readonly string[];
  readonly steps: number;
  readonly moves: number;
  readonly stayed: number;
  readonly copies: number;
  readonly left: number;
  /** Chosen messages that stayed, and those of them that are told to be missing. */
  readonly chosen: number;
  readonly missing: number;
  readonly snapshot: Snapshot;
}

interface Run {
  readonly world: SimulatedPostfix;
  readonly spool: Spool;
  readonly archive: ArchivedCopy[];
  readonly weakness: Weakness;
  readonly chosen: Chosen | undefined;
}

export async function judgeBackup(
  scenario: Scenario,
  weakness: Weakness = {},
  { isSelective = false }: { readonly isSelective?: boolean } = {},
): Promise<Verdict> {
  const world = new SimulatedPostfix({ ...scenario, choices: new Choices(scenario.numbers) });
  // The rest of the interface must not be used on a source.
  const fs = world.disk.fs as FileSystem;
  const depths = discoverDepths(fs, QUEUE_DIRECTORY, DEFAULT_LAYOUT);
  const chosen = isSelective ? chosenIn(world) : undefined;
  const run: Run = { world, spool: { fs, queueDirectory: QUEUE_DIRECTORY, depths }, archive: [], weakness, chosen };
  const before = new Set(world.present());
  const snapshot = await takeSnapshot({
    spool: run.spool,
    reader: simulatedReader(run),
    queues: MESSAGE_QUEUES,
    ...(chosen === undefined ? {} : { mayBeSelected: (id: string) => chosen.has(id) }),
    minimalBackoffMs: BACKOFF_MS,
    nowNs: 0n,
    clock: () => world.now,
    pause: () => world.pause(),
    tuning: weakness.tuning ?? {},
  });
  const stayed = world
    .present()
    .filter((serial) => before.has(serial) && (chosen === undefined || chosen.serials.has(serial)));
  const missing = stayed.filter((serial) => isMissing(serial, run, snapshot));
  return {
    faults: [
      ...faultsOf(
        run,
        snapshot,
        stayed.filter((serial) => !missing.includes(serial)),
      ),
      ...strangersIn(run),
    ],
    steps: world.steps,
    moves: world.moves,
    stayed: stayed.length,
    chosen: chosen === undefined ? 0 : stayed.length,
    missing: missing.length,
    copies: run.archive.length,
    left: run.archive.filter((_, copy) => snapshot.hasLeft(copy)).length,
    snapshot,
  };
}

function chosenIn({ messages }: SimulatedPostfix): Chosen {
  const odd = messages.filter(({ content }) => content.serial % 2 === 1);
  const ids = new Map(odd.map(({ content, id }) => [content.serial, id.text]));
  const named = new Set(ids.values());
  return { serials: new Set(ids.keys()), ids, has: (id) => named.has(id) };
}

/**
 * Whether the message went on before it was read: then the result names its queue ID, unless another message has got that
 * meanwhile, which is then the one that the ID names.
 */
function isMissing(serial: number, { archive, chosen }: Run, { isKnown }: Snapshot): boolean {
  const id = chosen?.ids.get(serial);
  const isAnothers = archive.some((copy) => copy.id === id && copy.content.serial !== serial);
  const isOwn = archive.some((copy) => copy.content.serial === serial);
  return id !== undefined && !isOwn && (isAnothers || !isKnown(id));
}

/** What was not asked for, and has not the T record of anything that was. */
function strangersIn({ archive, chosen }: Run): string[] {
  if (chosen === undefined) {
    return [];
  }
  const arrivals = new Set(archive.filter(({ id }) => chosen.has(id)).map(({ content }) => content.arrival));
  return archive.filter(({ content }) => !arrivals.has(content.arrival)).map(({ id }) => `${id} was not asked for`);
}

function faultsOf({ world, archive }: Run, snapshot: Snapshot, stayed: readonly number[]): string[] {
  const faults = archive.flatMap(({ unexplained }) => unexplained);
  if (!snapshot.settled) {
    faults.push('it did not settle');
  }
  if (world.disk.openDescriptors !== 0) {
    faults.push(`${world.disk.openDescriptors} descriptors were left open`);
  }
  for (const serial of stayed) {
    const queued = archive.filter(({ content }, copy) => content.serial === serial && !snapshot.hasLeft(copy));
    if (queued.length !== 1) {
      faults.push(`message ${serial} is there ${queued.length} times ${queued.map(({ id }) => id).join(' ')}`);
    }
  }
  return faults;
}

function simulatedReader(run: Run): SnapshotReader {
  const { spool, archive, weakness } = run;
  const rounds = weakness.tuning?.lookupRounds;
  return {
    readAll: (candidates, tell) => {
      for (const candidate of candidates) {
        const take = (message: OpenMessage): Copied => copyOf(message, run);
        const { logQueues } = candidate;
        const options = { take, logQueues, nowNs: 0n, ...(rounds === undefined ? {} : { lookupRounds: rounds }) };
        for (const reading of readMessage(spool, candidate, options)) {
          if (reading.kind === 'read' && !isSelected(reading.value.archived, candidate, run)) {
            tell(candidate, { kind: 'not selected' });
          } else if (reading.kind === 'read') {
            archive.push(reading.value.archived);
            tell(candidate, reading.value.outcome);
          } else {
            tell(candidate, reading);
          }
        }
      }
      return Promise.resolve();
    },
    arrivalOf: (sighting) => locate(spool, sighting, { look: (path) => arrivalAt(spool, path), rounds: 1 }),
  };
}

function isSelected({ id, content }: ArchivedCopy, { wanted }: Candidate, { chosen, weakness }: Run): boolean {
  const isSuccessor = wanted.includes(content.arrival) && weakness.forgetsSuccessors !== true;
  return chosen === undefined || chosen.has(id) || isSuccessor;
}

function arrivalAt({ fs, queueDirectory }: Spool, path: string): number | undefined {
  const fd = openIfThere(fs, `${queueDirectory}/${path}`);
  if (fd === undefined) {
    return undefined;
  }
  const bytes = describe({ fs }, { fd, path }).read(0, 1000);
  fs.close(fd);
  return contentOf(bytes).arrival;
}

function contentOf(bytes: Uint8Array): Content {
  return JSON.parse(Buffer.from(bytes).toString()) as Content;
}

interface Copied {
  readonly outcome: Outcome;
  readonly archived: ArchivedCopy;
}

function copyOf(message: OpenMessage, { world, weakness }: Run): Copied {
  const early = weakness.logsFirst === true ? bounceLog(message, true) : undefined;
  const content = contentOf(message.read(0, message.status.size));
  const log = early ?? bounceLog(message, /[SB]/.test(content.recipients));
  const unexplained = Array.from(content.recipients)
    .map((mark, at) => ({ mark, at }))
    .filter(
      ({ mark, at }) => mark === 'B' && !log.includes(`r${at}.\n`) && !world.notices.has(`${content.serial}:${at}`),
    )
    .map(({ at }) => `recipient ${at} of message ${content.serial} is done, and its log has no line`);
  const { inode, size, birthtimeNs } = message.status;
  const copy = { queueName: message.queueName, inode, size, birthtimeNs, arrival: content.arrival, isFinished: true };
  return { outcome: { kind: 'copied', copy, remarks: [] }, archived: { content, id: message.id, unexplained } };
}

function bounceLog(message: OpenMessage, hasDoneRecipients: boolean): string {
  const [log] = message.logs(hasDoneRecipients).filter(({ queueName }) => queueName === 'bounce');
  return log === undefined ? '' : Buffer.from(log.read(0, log.status.size)).toString();
}
