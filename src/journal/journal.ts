/**
 * The journal of a restore: what is staged, and where it goes. It gets its name only when it is complete and durable:
 * from then on the restore will be carried out, by this run or by a later one; before, it is a draft that counts for
 * nothing. Carried out, it is the receipt until a shorter one is durable (receipt.ts): what it names is not restored
 * again.
 *
 * A file of JSON lines: the head, an entry for each message, the end with count and digest of all before it. Later lines
 * are appended, each with a digest of its own: what was moved while it was linked or found again, and the done line. Of
 * these the last may be torn; then nothing was done that it speaks of. Between them stand marks: see `marks.ts`.
 */

import { createHash } from 'node:crypto';
import { recordIn } from '../format/json-member.ts';
import { decodeRate, encodeRate, isPaceOrder, type Pace, type Turn } from '../pace.ts';
import { isPlainObject } from '../plain-object.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, isMessageQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';

export const JOURNAL_VERSION = 2;

export interface JournalHead {
  readonly journal: typeof JOURNAL_VERSION;
  readonly snapshotId: string;
  /** The route that was asked for: `queues`, `maildrop`, `hold`; or `repair`, which takes files from where they stand in queues. */
  readonly into: string;
  /** The archive as it was named; `-` for standard input. */
  readonly archive: string;
  /** ISO 8601. */
  readonly started: string;
  /** The staging directory of this restore, a name in the state directory. */
  readonly staging: string;
  readonly hashQueueNames: readonly string[];
  readonly hashQueueDepth: number;
  /** Absent: all at once. */
  readonly pace?: Pace;
}

/** What the head of a repair's journal says in place of a route. */
export const REPAIR = 'repair';

/** Whether this is the journal of a repair: its messages are in no archive, and must never be given up. */
export function isRepair({ into }: Pick<JournalHead, 'into'>): boolean {
  return into === REPAIR;
}

/** A file that is to be placed: where it is, and by what it is known again wherever it may have got to. */
export interface JournalFile {
  /** Relative to the queue directory. */
  readonly from: string;
  readonly size: number;
  readonly sha256: string;
}

export interface JournalLog extends JournalFile {
  readonly queueName: LogQueueName;
}

export interface JournalOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface JournalEntry extends JournalFile, Turn {
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  readonly fingerprint: string;
  /** What it is known by when pickup(8) writes a new file (record/lineage.ts); absent where it can't be told from others. */
  readonly submission?: string;
  readonly origin?: string | null;
  /** What stays of its sender. */
  readonly sender?: string;
  readonly newQueueName: MessageQueueName;
  readonly newQueueId: string;
  /** A hint: a queue directory that was copied has other inodes. */
  readonly inode: bigint;
  /** The permission bits that make it ready. */
  readonly mode: number;
  /** Where staging had to set a later time of last modification than the archived one: both, in nanoseconds. */
  readonly times?: { readonly stagedNs: bigint; readonly mtimeNs: bigint };
  /** The submitter, for a genuine maildrop submission; everything else stays mail_owner's. */
  readonly owner?: JournalOwner;
  readonly logs: readonly JournalLog[];
}

/** Where a message of the journal is to stand, instead of where its entry says: the last one counts. */
export interface Move {
  readonly queueName: MessageQueueName;
  readonly queueId: string;
  readonly inode: bigint;
}

export type JournalLine =
  | { readonly kind: 'head'; readonly head: JournalHead }
  | { readonly kind: 'entry'; readonly entry: JournalEntry }
  | { readonly kind: 'end'; readonly messages: number; readonly sha256: string }
  | LaterJournalLine;

/** What is appended while a sealed journal is carried out. */
export type LaterJournalLine =
  /**
   * Entry number `index` takes another name, since its own was taken meanwhile, or its file has another inode, or Postfix's
   * administrator moved it to another queue.
   */
  | { readonly kind: 'moved'; readonly index: number; readonly to: Move }
  | { readonly kind: 'done'; readonly finished: string };

/** How an end line begins, and no other: `kind` comes first in each. */
export const END_LINE = '{"kind":"end"';

/** Writes one line, with its newline. */
export function encodeJournalLine(line: JournalLine): string {
  return `${JSON.stringify(plainLine(line))}\n`;
}

function plainLine(line: JournalLine): object {
  switch (line.kind) {
    case 'head':
      return { kind: line.kind, head: plainHead(line.head) };
    case 'entry':
      return { kind: line.kind, entry: plainEntry(line.entry) };
    case 'moved': {
      // Flat: a line that was cut has no closing brace.
      const { kind, index, to } = line;
      const { queueName, queueId, inode } = to;
      return { kind, index, queue_name: queueName, queue_id: queueId, inode: String(inode), sha256: digestOf(line) };
    }
    case 'done':
      return { ...line, sha256: digestOf(line) };
    case 'end':
      return line;
  }
}

function plainHead(head: JournalHead): object {
  const { snapshotId, hashQueueNames, hashQueueDepth, pace, ...same } = head;
  const plain = {
    ...same,
    snapshot_id: snapshotId,
    hash_queue_names: hashQueueNames,
    hash_queue_depth: hashQueueDepth,
  };
  return pace === undefined ? plain : { ...plain, pace: { rate: encodeRate(pace.rate), by: pace.by } };
}

/**
 * JSON has no big integers: they stand as text. What is undefined JSON leaves out. Each member is named: to copy the rest by
 * `...` takes five times as long, JSON and all.
 */
function plainEntry(entry: JournalEntry): object {
  const { from, size, sha256, fingerprint, submission, origin, sender, mode, owner, arrival, domain } = entry;
  return {
    from,
    size,
    // That of most messages is their fingerprint.
    sha256: sha256 === fingerprint ? undefined : sha256,
    fingerprint,
    submission,
    origin,
    sender,
    mode,
    owner,
    arrival,
    domain,
    queue_name: entry.queueName,
    queue_id: entry.queueId,
    new_queue_name: entry.newQueueName,
    new_queue_id: entry.newQueueId,
    inode: String(entry.inode),
    times: entry.times === undefined ? undefined : plainTimes(entry.times),
    logs: entry.logs.map((log) => ({ queue_name: log.queueName, from: log.from, size: log.size, sha256: log.sha256 })),
  };
}

function plainTimes({ stagedNs, mtimeNs }: Required<JournalEntry>['times']): object {
  return { staged_ns: String(stagedNs), mtime_ns: String(mtimeNs) };
}

function digestOf(line: LaterJournalLine): string {
  const said = line.kind === 'moved' ? ['moved', line.index, ...saidOf(line.to)] : ['done', line.finished];
  return createHash('sha256').update(said.join('\n')).digest('hex');
}

function saidOf({ queueName, queueId, inode }: Move): string[] {
  return [queueName, queueId, String(inode)];
}

/** Reads one line, without its newline; `undefined` when it is torn or was not written by postsnap. */
export function decodeJournalLine(text: string): JournalLine | undefined {
  const value = recordIn(text);
  if (value === undefined) {
    return undefined;
  }
  switch (value['kind']) {
    case 'head':
      return decodeHead(value['head']);
    case 'entry':
      return decodeEntry(value['entry']);
    case 'end':
      return isCount(value['messages']) && typeof value['sha256'] === 'string'
        ? { kind: 'end', messages: value['messages'], sha256: value['sha256'] }
        : undefined;
    case 'moved':
    case 'done':
      return decodeLater(value);
    default:
      return undefined;
  }
}

function decodeLater(value: Record<string, unknown>): LaterJournalLine | undefined {
  const { kind, index, finished, sha256 } = value;
  const to = decodeMove(value);
  let line: LaterJournalLine | undefined;
  if (kind === 'moved' && isCount(index) && to !== undefined) {
    line = { kind, index, to };
  } else if (kind === 'done' && typeof finished === 'string') {
    line = { kind, finished };
  }
  return line !== undefined && digestOf(line) === sha256 ? line : undefined;
}

function decodeMove(value: Record<string, unknown>): Move | undefined {
  const { queue_name: queueName, queue_id: queueId } = value;
  const inode = decodeInteger(value['inode']);
  return isMessageQueue(queueName) && isQueueId(queueId) && inode !== undefined
    ? { queueName, queueId, inode }
    : undefined;
}

function decodeHead(value: unknown): JournalLine | undefined {
  if (!isPlainObject(value) || value['journal'] !== JOURNAL_VERSION) {
    return undefined;
  }
  const { snapshot_id: snapshotId, into, archive, started, staging } = value;
  const { hash_queue_names: names, hash_queue_depth: depth } = value;
  if (typeof snapshotId !== 'string' || typeof started !== 'string' || typeof staging !== 'string') {
    return undefined;
  }
  if (typeof into !== 'string' || typeof archive !== 'string') {
    return undefined;
  }
  const pace = decodePace(value['pace']);
  const plausible = STAGING_NAME.test(staging) && isCount(depth) && depth <= 16 && pace !== 'none';
  if (!plausible || !Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    return undefined;
  }
  const told = { snapshotId, into, archive, started };
  const head = { journal: JOURNAL_VERSION, ...told, staging, hashQueueNames: names } as const;
  return { kind: 'head', head: { ...head, hashQueueDepth: depth, ...(pace === undefined ? {} : { pace }) } };
}

/** Undefined where there is none. */
function decodePace(value: unknown): Pace | 'none' | undefined {
  if (value === undefined) {
    return undefined;
  }
  const rate = isPlainObject(value) && typeof value['rate'] === 'string' ? decodeRate(value['rate']) : undefined;
  return isPlainObject(value) && rate !== undefined && isPaceOrder(value['by']) ? { rate, by: value['by'] } : 'none';
}

function decodeEntry(value: unknown): JournalLine | undefined {
  if (!isPlainObject(value) || !Array.isArray(value['logs'])) {
    return undefined;
  }
  const { queue_name: queueName, queue_id: queueId, fingerprint, mode } = value;
  const { new_queue_name: newQueueName, new_queue_id: newQueueId } = value;
  const inode = decodeInteger(value['inode']);
  const file = decodeFile(value, fingerprint);
  const logs = value['logs'].map(decodeLog);
  if (!isMessageQueue(queueName) || !isQueueId(queueId) || !isDigest(fingerprint) || inode === undefined) {
    return undefined;
  }
  if (!isMessageQueue(newQueueName) || !isQueueId(newQueueId) || file === undefined) {
    return undefined;
  }
  if (!isCount(mode) || (mode & ~0o777) !== 0 || !logs.every((log) => log !== undefined)) {
    return undefined;
  }
  const entry = { queueName, queueId, fingerprint, newQueueName, newQueueId, ...file, inode, mode, logs };
  addOptions(entry, value);
  return { kind: 'entry', entry };
}

function addOptions(
  entry: { -readonly [Name in keyof JournalEntry]: JournalEntry[Name] },
  value: Record<string, unknown>,
): void {
  const { submission, origin, sender, owner, times, arrival, domain } = value;
  if (isDigest(submission)) {
    entry.submission = submission;
  }
  if (origin === null || isDigest(origin)) {
    entry.origin = origin;
  }
  if (typeof sender === 'string') {
    entry.sender = sender;
  }
  if (typeof arrival === 'number' && Number.isSafeInteger(arrival)) {
    entry.arrival = arrival;
  }
  if (typeof domain === 'string') {
    entry.domain = domain;
  }
  if (isPlainObject(times)) {
    const stagedNs = decodeInteger(times['staged_ns']);
    const mtimeNs = decodeInteger(times['mtime_ns']);
    if (stagedNs !== undefined && mtimeNs !== undefined) {
      entry.times = { stagedNs, mtimeNs };
    }
  }
  if (isPlainObject(owner) && isCount(owner['uid']) && isCount(owner['gid'])) {
    entry.owner = { uid: owner['uid'], gid: owner['gid'] };
  }
}

function decodeLog(value: unknown): JournalLog | undefined {
  if (!isPlainObject(value)) {
    return undefined;
  }
  const { queue_name: queueName } = value;
  const file = decodeFile(value);
  return typeof queueName === 'string' && isLogQueueName(queueName) && file !== undefined
    ? { queueName, ...file }
    : undefined;
}

/** @param otherwise what its digest is where it is not told */
function decodeFile(value: Record<string, unknown>, otherwise?: unknown): JournalFile | undefined {
  const { from, size, sha256 = otherwise } = value;
  return isPathBelow(from) && isCount(size) && isDigest(sha256) ? { from, size, sha256 } : undefined;
}

const DIGEST = /^[0-9a-f]{64}$/;
/** A name in the state directory that can be no queue ID and leads nowhere else. */
const STAGING_NAME = /^[0-9A-Za-z-]{1,80}\.staged$/;
/** A path below the queue directory that leads nowhere else by its text. */
const PATH_BELOW = /^(?!\.{0,2}(?:\/|$))[\x21-\x2e\x30-\x7e]+(?:\/(?!\.{0,2}(?:\/|$))[\x21-\x2e\x30-\x7e]+)*$/;
const LONGEST_PATH = 1024;

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

/** Whether a journal can say of a file that it is there. */
export function isPathBelow(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_PATH && PATH_BELOW.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isQueueId(value: unknown): value is string {
  return typeof value === 'string' && parseQueueId(value) !== undefined;
}

function isMessageQueue(value: unknown): value is MessageQueueName {
  return typeof value === 'string' && isMessageQueueName(value);
}

function decodeInteger(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^-?[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** The running digest of a journal's lines, for its end line. */
export class JournalDigest {
  readonly #hash = createHash('sha256');

  update(line: string): void {
    this.#hash.update(line);
  }

  /** Of all lines so far; more may follow. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
