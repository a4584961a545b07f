/** The staging of a whole archive: hands runs of frames to workers, and puts together what belongs to one message. */

import type { FrameRun } from '../archive/archive-reader.ts';
import type { ProvenLine } from '../archive/entry-proof.ts';
import { ArchiveError } from '../errors.ts';
import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import type { JournalEntry, JournalLog, JournalOwner } from '../journal/journal.ts';
import { newQueueId } from '../journal/naming.ts';
import { stagedTime } from '../journal/staged-file.ts';
import type { Turn } from '../pace.ts';
import { omit } from '../plan/decide.ts';
import type { Decision, PlannedMessage } from '../plan/decision.ts';
import { parseQueueId, type QueueId } from '../queue/queue-id.ts';
import type { LogQueueName } from '../queue/queue-name.ts';
import { lastingSender } from '../record/lineage.ts';
import type { WorkerPool } from '../worker/pool.ts';
import type { StageItem, StageJob, StageOutcome } from './stage-job.ts';
import type { Tally } from './tally.ts';

export interface StageMessagesOptions {
  readonly runs: Iterable<FrameRun>;
  readonly pool: Pick<WorkerPool<StageJob, readonly StageOutcome[]>, 'ordered'>;
  /** Asked for each line, in the order of the catalogue; undefined for a log. */
  readonly decide: (line: CatalogueLine) => Decision | undefined;
  readonly tally: Tally;
  /** Absolute; absent for a dry run. */
  readonly stagingDirectory?: string;
  readonly nowNs: bigint;
  readonly enableLongQueueIds: boolean;
  readonly isTaken: (queueId: string) => boolean;
  /** The owner of a genuine submission, if it can be given to him. */
  readonly ownerOf: (message: MessageLine) => JournalOwner | undefined;
  /** By what it waits for its turn. */
  readonly turnOf: (message: MessageLine) => Turn;
  readonly onEntry: (entry: JournalEntry) => void;
}

/** A message whose files are being staged. Its logs may come with the next run of frames. */
interface Group {
  /** Counted over the messages that are staged. */
  readonly index: number;
  readonly planned: PlannedMessage;
  readonly queueId: QueueId;
  message?: StageOutcome;
  readonly logs: { readonly queueName: LogQueueName; readonly sha256: string; readonly outcome: StageOutcome }[];
}

interface JobUnderWay {
  readonly groups: readonly (Group | undefined)[];
  readonly lines: readonly CatalogueLine[];
}

/**
 * Stages every message of the plan, and tells the journal's entry of each. The whole archive is proven on the way, also
 * what is not wanted of it.
 *
 * @returns how many messages were staged
 * @throws ArchiveError: the archive is damaged
 */
export async function stageMessages(options: StageMessagesOptions): Promise<number> {
  const underWay: JobUnderWay[] = [];
  let group: Group | undefined;
  let staged = 0;
  const finish = (next: Group | undefined): void => {
    if (group !== undefined && group !== next) {
      staged += finishGroup(options, group) ? 1 : 0;
    }
    group = next;
  };
  for await (const outcomes of options.pool.ordered(planJobs(options, underWay))) {
    const job = underWay.shift();
    if (outcomes.length !== job?.lines.length) {
      throw new Error(`a thread tells of ${outcomes.length} files, and was given ${job?.lines.length ?? 0}`);
    }
    for (const [at, outcome] of outcomes.entries()) {
      const [owner, line] = [job.groups[at], job.lines[at]];
      if (owner !== undefined && line !== undefined) {
        finish(owner);
        noteOutcome(owner, line, outcome);
      } else if (outcome.kind === 'damaged' && line !== undefined) {
        throw damage(line, outcome.reason);
      }
    }
  }
  finish(undefined);
  return staged;
}

function noteOutcome(group: Group, line: CatalogueLine, outcome: StageOutcome): void {
  if (line.kind === 'message') {
    group.message = outcome;
  } else {
    group.logs.push({ queueName: line.queue_name, sha256: line.sha256, outcome });
  }
}

function* planJobs(options: StageMessagesOptions, underWay: JobUnderWay[]): Generator<StageJob> {
  let index = 0;
  let current: Group | undefined;
  const wanted: StageItems =
    options.stagingDirectory === undefined ? new RehearsedItems(options.nowNs) : new StagedItems(options.nowNs);
  for (const run of options.runs) {
    const groups: (Group | undefined)[] = [];
    for (const line of run.lines) {
      const decision = options.decide(line);
      if (decision !== undefined) {
        current = planGroup(options.tally, decision, index);
        index += current === undefined ? 0 : 1;
      }
      groups.push(current !== undefined && belongsTo(current, line) ? current : undefined);
    }
    underWay.push({ groups, lines: run.lines });
    const items = run.lines.map((line, at) => {
      const group = groups[at];
      return group === undefined ? undefined : wanted.of(group, line);
    });
    const { stagingDirectory, nowNs } = options;
    // The rest of the lines, recipients and all, is only copied to be thrown away.
    const stageRun = { frames: run.frames, lines: run.lines.map(stageLine) };
    yield { run: stageRun, items, nowNs, ...(stagingDirectory === undefined ? {} : { stagingDirectory }) };
  }
}

function stageLine(line: CatalogueLine): ProvenLine {
  const { queue_name, queue_id, file_size, mode, sha256 } = line;
  if (line.kind === 'log') {
    return { kind: line.kind, queue_name, queue_id, file_size, mode, sha256 };
  }
  const { kind, fingerprint, submission, origin, sender } = line;
  return { kind, queue_name, queue_id, file_size, mode, sha256, fingerprint, submission, origin, sender };
}

function planGroup(tally: Tally, decision: Decision, index: number): Group | undefined {
  const { message } = decision;
  if (decision.kind === 'omit') {
    tally.omitted(decision);
    return undefined;
  }
  const queueId = parseQueueId(message.queue_id);
  if (queueId === undefined) {
    throw new ArchiveError('hostile', `the catalogue names a file that is no queue file: ${message.queue_id}`);
  }
  return { index, planned: decision, queueId, logs: [] };
}

function belongsTo({ planned }: Group, line: CatalogueLine): boolean {
  return line.kind === 'message' || (planned.withLogs && line.queue_id === planned.message.queue_id);
}

/** What a thread is told of each file of a group. */
interface StageItems {
  of(group: Group, line: CatalogueLine): StageItem;
}

class StagedItems implements StageItems {
  readonly #nowNs: bigint;

  constructor(nowNs: bigint) {
    this.#nowNs = nowNs;
  }

  of({ index, planned }: Group, line: CatalogueLine): StageItem {
    const keepsTime = line.kind === 'log' || planned.keepsTime;
    return {
      index,
      kind: kindOf(line),
      destination: planned.destination,
      mtimeNs: keepsTime ? BigInt(line.mtime) : this.#nowNs,
      ...(line.kind === 'message' && planned.done.length > 0 ? { done: planned.done } : {}),
    };
  }
}

/** Where nothing is written, the destination is all that matters: few items are many, and a thread is told each once. */
class RehearsedItems implements StageItems {
  readonly #mtimeNs: bigint;
  readonly #items = new Map<string, StageItem>();

  constructor(mtimeNs: bigint) {
    this.#mtimeNs = mtimeNs;
  }

  of({ planned: { destination } }: Group, line: CatalogueLine): StageItem {
    const kind = kindOf(line);
    const key = `${kind}/${destination}`;
    const item = this.#items.get(key) ?? { index: 0, kind, destination, mtimeNs: this.#mtimeNs };
    this.#items.set(key, item);
    return item;
  }
}

function kindOf(line: CatalogueLine): StageItem['kind'] {
  return line.kind === 'message' ? 'message' : line.queue_name;
}

const MISSING = 'its content is missing';

/** Returns whether the message is staged, whole. */
function finishGroup(options: StageMessagesOptions, group: Group): boolean {
  const { message } = group.planned;
  const outcome = group.message;
  if (outcome?.kind !== 'staged') {
    if (outcome?.kind !== 'malformed') {
      throw damage(message, outcome?.kind === 'damaged' ? outcome.reason : MISSING);
    }
    options.tally.omitted(omit(message, 'failed', { code: 'malformed-records', faults: outcome.faults }));
    return false;
  }
  const logs = stagedLogs(group);
  options.tally.accepted(message, group.planned.destination);
  if (options.stagingDirectory === undefined) {
    options.tally.wouldRestore(message, group.planned.destination);
    return true;
  }
  const { inode, size, staged, sha256 = message.sha256 } = outcome.file;
  const newId = newQueueId(group.queueId, { inode, enableLongQueueIds: options.enableLongQueueIds }, options.isTaken);
  const owner = group.planned.genuine ? options.ownerOf(message) : undefined;
  options.onEntry({
    queueName: message.queue_name,
    queueId: message.queue_id,
    fingerprint: message.fingerprint,
    ...descentOf(message),
    ...options.turnOf(message),
    newQueueName: group.planned.destination,
    newQueueId: newId.text,
    from: staged,
    inode,
    size,
    sha256,
    mode: group.planned.mode,
    ...exactTime(group.planned, options.nowNs),
    ...(owner === undefined ? {} : { owner }),
    logs,
  });
  return true;
}

/** What it is known by when pickup(8) and cleanup(8) have written a new file for it. */
function descentOf({
  submission,
  origin,
  sender,
}: MessageLine): Pick<JournalEntry, 'submission' | 'origin' | 'sender'> {
  if (submission === undefined) {
    return {};
  }
  return { submission, ...(origin === undefined ? {} : { origin }), sender: lastingSender(sender) };
}

/** The archived time, where the staged file had to get a later one. */
function exactTime({ keepsTime, message }: PlannedMessage, nowNs: bigint): Pick<JournalEntry, 'times'> {
  const mtimeNs = BigInt(message.mtime);
  const stagedNs = stagedTime(mtimeNs, nowNs);
  return keepsTime && stagedNs !== mtimeNs ? { times: { stagedNs, mtimeNs } } : {};
}

function stagedLogs({ planned, logs }: Group): JournalLog[] {
  return logs.map(({ queueName, sha256, outcome }) => {
    if (outcome.kind !== 'staged') {
      throw damage(planned.message, `its ${queueName} log: ${outcome.kind === 'damaged' ? outcome.reason : MISSING}`);
    }
    const { staged: from, size } = outcome.file;
    return { queueName, from, size, sha256 };
  });
}

function damage({ queue_name, queue_id }: CatalogueLine, reason: string): ArchiveError {
  return new ArchiveError(
    'damaged',
    `the archive is damaged at ${queue_name}/${queue_id}: ${reason}. Nothing was put into the queue.`,
    {
      remedy: 'salvage',
    },
  );
}
