/**
 * The journal of a restore: what is staged, and where it goes. It gets its name only when it is complete and durable:
 * from then on the restore will be carried out, by this run or by a later one; before, it is a draft that counts for
 * nothing. Carried out, it stays as the receipt: what it names is not restored again.
 *
 * A file of JSON lines: the head, an entry for each message, the end with count and digest of all before it. Later lines
 * are appended, each with a digest of its own: the names that had to be changed while linking, and the done line. Of
 * these the last may be torn; then nothing was done that it speaks of.
 */

import { createHash } from 'node:crypto';
import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, isMessageQueueName, type LogQueueName, type MessageQueueName } from '../queue/queue-name.ts';

export const JOURNAL_VERSION = 1;

export interface JournalHead {
  readonly journal: typeof JOURNAL_VERSION;
  readonly snapshot_id: string;
  /** ISO 8601. */
  readonly started: string;
  /** The staging directory of this restore, a name in the state directory. */
  readonly staging: string;
  readonly hash_queue_names: readonly string[];
  readonly hash_queue_depth: number;
}

export interface JournalLog {
  readonly queue_name: LogQueueName;
  /** Relative to the staging directory. */
  readonly staged: string;
  readonly inode: bigint;
}

export interface JournalOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface JournalEntry {
  readonly queue_name: MessageQueueName;
  readonly queue_id: string;
  readonly fingerprint: string;
  /** What it is known by when pickup(8) writes a new file (record/lineage.ts); absent where it can't be told from others. */
  readonly submission?: string;
  readonly origin?: string | null;
  /** What stays of its sender. */
  readonly sender?: string;
  readonly new_queue_name: MessageQueueName;
  readonly new_queue_id: string;
  /** Relative to the staging directory. */
  readonly staged: string;
  readonly inode: bigint;
  readonly size: number;
  /** The permission bits that make it ready. */
  readonly mode: number;
  /** The archived time of last modification, where staging had to set a later one; set again after the ready bit. */
  readonly mtimeNs?: bigint;
  /** The submitter, for a genuine maildrop submission; everything else stays mail_owner's. */
  readonly owner?: JournalOwner;
  readonly logs: readonly JournalLog[];
}

export type JournalLine =
  | { readonly kind: 'head'; readonly head: JournalHead }
  | { readonly kind: 'entry'; readonly entry: JournalEntry }
  | { readonly kind: 'end'; readonly messages: number; readonly sha256: string }
  | LaterJournalLine;

/** What is appended while a sealed journal is carried out. */
export type LaterJournalLine =
  /** Entry number `index` takes another name, since its own was taken meanwhile. */
  | { readonly kind: 'moved'; readonly index: number; readonly queueId: string }
  | { readonly kind: 'done'; readonly finished: string };

/** Writes one line, with its newline. */
export function encodeJournalLine(line: JournalLine): string {
  return `${JSON.stringify(plainLine(line))}\n`;
}

function plainLine(line: JournalLine): object {
  if (line.kind === 'entry') {
    return { kind: line.kind, entry: plainEntry(line.entry) };
  }
  return isLater(line) ? { ...line, sha256: digestOf(line) } : line;
}

/** JSON has no big integers: they stand as text. */
function plainEntry(entry: JournalEntry): object {
  const { inode, mtimeNs } = entry;
  const logs = entry.logs.map((log) => ({ ...log, inode: String(log.inode) }));
  return { ...entry, inode: String(inode), ...(mtimeNs === undefined ? {} : { mtimeNs: String(mtimeNs) }), logs };
}

function isLater(line: JournalLine): line is LaterJournalLine {
  return line.kind === 'moved' || line.kind === 'done';
}

function digestOf(line: LaterJournalLine): string {
  const said = line.kind === 'moved' ? ['moved', String(line.index), line.queueId] : ['done', line.finished];
  return createHash('sha256').update(said.join('\n')).digest('hex');
}

/** Reads one line, without its newline; `undefined` when it is torn or was not written by postsnap. */
export function decodeJournalLine(text: string): JournalLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) {
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
  const { kind, index, queueId, finished, sha256 } = value;
  let line: LaterJournalLine | undefined;
  if (kind === 'moved' && isCount(index) && isQueueId(queueId)) {
    line = { kind, index, queueId };
  } else if (kind === 'done' && typeof finished === 'string') {
    line = { kind, finished };
  }
  return line !== undefined && digestOf(line) === sha256 ? line : undefined;
}

function decodeHead(value: unknown): JournalLine | undefined {
  if (!isObject(value) || value['journal'] !== JOURNAL_VERSION) {
    return undefined;
  }
  const { snapshot_id, started, staging, hash_queue_names: names, hash_queue_depth: depth } = value;
  if (typeof snapshot_id !== 'string' || typeof started !== 'string' || typeof staging !== 'string') {
    return undefined;
  }
  const plausible = STAGING_NAME.test(staging) && isCount(depth) && depth <= 16;
  if (!plausible || !Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    return undefined;
  }
  const head = { journal: JOURNAL_VERSION, snapshot_id, started, staging, hash_queue_names: names } as const;
  return { kind: 'head', head: { ...head, hash_queue_depth: depth } };
}

function decodeEntry(value: unknown): JournalLine | undefined {
  if (!isObject(value) || !Array.isArray(value['logs'])) {
    return undefined;
  }
  const { queue_name, queue_id, fingerprint, new_queue_name, new_queue_id, staged, size, mode } = value;
  const inode = decodeInteger(value['inode']);
  const logs = value['logs'].map(decodeLog);
  if (!isMessageQueue(queue_name) || !isQueueId(queue_id) || typeof fingerprint !== 'string' || inode === undefined) {
    return undefined;
  }
  if (!isMessageQueue(new_queue_name) || !isQueueId(new_queue_id) || !isStagedName(staged) || !isCount(size)) {
    return undefined;
  }
  if (!isCount(mode) || (mode & ~0o777) !== 0 || !logs.every((log) => log !== undefined)) {
    return undefined;
  }
  const entry = { queue_name, queue_id, fingerprint, new_queue_name, new_queue_id, staged, inode, size, mode, logs };
  addOptions(entry, value);
  return { kind: 'entry', entry };
}

function addOptions(
  entry: { -readonly [Name in keyof JournalEntry]: JournalEntry[Name] },
  value: Record<string, unknown>,
): void {
  const { submission, origin, sender, owner } = value;
  const mtimeNs = decodeInteger(value['mtimeNs']);
  if (typeof submission === 'string' && DIGEST.test(submission)) {
    entry.submission = submission;
  }
  if (origin === null || (typeof origin === 'string' && DIGEST.test(origin))) {
    entry.origin = origin;
  }
  if (typeof sender === 'string') {
    entry.sender = sender;
  }
  if (mtimeNs !== undefined) {
    entry.mtimeNs = mtimeNs;
  }
  if (isObject(owner) && isCount(owner['uid']) && isCount(owner['gid'])) {
    entry.owner = { uid: owner['uid'], gid: owner['gid'] };
  }
}

function decodeLog(value: unknown): JournalLog | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const { queue_name, staged } = value;
  const inode = decodeInteger(value['inode']);
  if (typeof queue_name !== 'string' || !isLogQueueName(queue_name) || !isStagedName(staged) || inode === undefined) {
    return undefined;
  }
  return { queue_name, staged, inode };
}

const DIGEST = /^[0-9a-f]{64}$/;
/** A name in the state directory that can be no queue ID and leads nowhere else. */
const STAGING_NAME = /^[0-9A-Za-z-]{1,80}\.staged$/;
/** A staged file, relative to the staging directory. The dot keeps it from being a queue ID. */
const STAGED_NAME = /^[0-9]{1,10}\/[0-9]{1,12}(?:-[0-9]{1,4})?\.(?:message|defer|bounce|trace)$/;

function isStagedName(value: unknown): value is string {
  return typeof value === 'string' && STAGED_NAME.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
export function createJournalDigest(): { update(line: string): void; digest(): string } {
  const hash = createHash('sha256');
  return {
    update: (line) => {
      hash.update(line);
    },
    digest: () => hash.copy().digest('hex'),
  };
}
