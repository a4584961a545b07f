/** Takes a snapshot of a simulated Postfix with the real algorithm, and judges it. */

import {
  type Outcome,
  type Snapshot,
  type SnapshotReader,
  type SnapshotTuning,
  takeSnapshot,
} from '../../src/backup/snapshot.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { DEFAULT_LAYOUT } from '../../src/queue/layout.ts';
import { MESSAGE_QUEUES } from '../../src/queue/queue-name.ts';
import { locate } from '../../src/spool/locate.ts';
import { openIfThere, readRange } from '../../src/spool/read-file.ts';
import { type OpenMessage, readMessage } from '../../src/spool/read-message.ts';
import { discoverDepths, type SpoolSource } from '../../src/spool/source.ts';
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
  readonly snapshot: Snapshot;
}

interface Run {
  readonly world: SimulatedPostfix;
  readonly source: SpoolSource;
  readonly archive: ArchivedCopy[];
  readonly weakness: Weakness;
}

export async function judgeBackup(scenario: Scenario, weakness: Weakness = {}): Promise<Verdict> {
  const world = new SimulatedPostfix({ ...scenario, choices: new Choices(scenario.numbers) });
  // The rest of the interface must not be used on a source.
  const fs = world.disk.fs as FileSystem;
  const depths = discoverDepths(fs, QUEUE_DIRECTORY, DEFAULT_LAYOUT);
  const run: Run = { world, source: { fs, queueDirectory: QUEUE_DIRECTORY, depths }, archive: [], weakness };
  const before = new Set(world.present());
  const snapshot = await takeSnapshot({
    source: run.source,
    reader: simulatedReader(run),
    queues: MESSAGE_QUEUES,
    minimalBackoffMs: BACKOFF_MS,
    nowNs: 0n,
    clock: () => world.now,
    pause: () => world.pause(),
    tuning: weakness.tuning ?? {},
  });
  const stayed = world.present().filter((serial) => before.has(serial));
  return {
    faults: faultsOf(run, snapshot, stayed),
    steps: world.steps,
    moves: world.moves,
    stayed: stayed.length,
    copies: run.archive.length,
    left: run.archive.filter((_, copy) => snapshot.hasLeft(copy)).length,
    snapshot,
  };
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
  const { source, archive, weakness } = run;
  const rounds = weakness.tuning?.lookupRounds;
  return {
    readAll: (candidates, tell) => {
      for (const candidate of candidates) {
        const take = (message: OpenMessage): Copied => copyOf(message, run);
        const { logQueues } = candidate;
        const options = { take, logQueues, nowNs: 0n, ...(rounds === undefined ? {} : { lookupRounds: rounds }) };
        for (const reading of readMessage(source, candidate, options)) {
          if (reading.kind === 'read') {
            archive.push(reading.value.archived);
            tell(candidate, reading.value.outcome);
          } else {
            tell(candidate, reading);
          }
        }
      }
      return Promise.resolve();
    },
    arrivalOf: (sighting) => locate(source, sighting, { look: (place) => arrivalAt(source, place), rounds: 1 }),
  };
}

function arrivalAt({ fs, queueDirectory }: SpoolSource, place: string): number | undefined {
  const fd = openIfThere(fs, `${queueDirectory}/${place}`);
  if (fd === undefined) {
    return undefined;
  }
  const bytes = readRange(fs, fd, { offset: 0, length: 1000 });
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
