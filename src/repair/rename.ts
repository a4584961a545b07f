/**
 * Gives messages other names, with their logs: by a journal that is carried out as a restore's is, so that it can be cut off at
 * any call and is finished by the next run. What mail_owner can't make a second name for, a submission of another user's, is
 * renamed in one call: it has no logs.
 */

import { dirname } from 'node:path';
import { digestOfDescriptor } from '../fs/descriptor-digest.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { safeMkdir, safeRename } from '../fs/nfs-safe.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { carryOut } from '../journal/carry-out.ts';
import { isPathBelow, type JournalEntry, type JournalLog, REPAIR } from '../journal/journal.ts';
import { relabelFor } from '../journal/relabel.ts';
import { stagedTime } from '../journal/staged-file.ts';
import { Staging } from '../journal/staging.ts';
import type { Failure } from '../journal/work.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import { isLogQueueName, isMessageQueueName } from '../queue/queue-name.ts';
import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOfHashed } from '../record/fingerprint.ts';
import type { QueueMending } from '../rights/root-mend.ts';
import type { CorruptNotes } from './corrupt-notes.ts';
import type { SeenFile } from './facts.ts';
import { failureOf } from './mend.ts';
import type { NameOrder } from './orders.ts';

export interface RenameGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly layout: QueueLayout;
  readonly enableLongQueueIds: boolean;
  readonly mailOwner: number;
  /** Absent: nobody can change owners. */
  readonly mending: QueueMending | undefined;
  readonly notes: CorruptNotes;
  readonly now: () => Date;
  readonly randomName: () => string;
  readonly signal?: AbortSignal | undefined;
}

/** Why a message kept its name, by the place where it stands. */
export type RenameFailures = ReadonlyMap<string, string>;

/** Nothing reads it there but postcat(1): qmgr(8) leaves what it finds corrupt with the mode that it had, a delivery agent with this. */
const CORRUPT_MODE = 0o400;

/** Renames all, as far as the system lets it. */
export async function renameMessages(ground: RenameGround, orders: readonly NameOrder[]): Promise<RenameFailures> {
  const failures = new Map<string, string>();
  const isOwn = ({ file }: NameOrder): boolean => file.status.uid === ground.mailOwner;
  for (const order of orders.filter((one) => !isOwn(one))) {
    const failure = renameSubmission(ground, order);
    if (failure !== undefined) {
      failures.set(order.file.path, failure);
    }
  }
  await renameByJournal(ground, orders.filter(isOwn), failures);
  return failures;
}

/** In maildrop one name is free of others by its inode: only what lies could have it, and is looked for. */
function renameSubmission(ground: RenameGround, order: NameOrder): string | undefined {
  const { fs, queueDirectory, layout } = ground;
  const { file, queueName, queueId } = order;
  const from = `${queueDirectory}/${file.path}`;
  const id = file.id === undefined ? undefined : { ...file.id, text: queueId };
  if (id === undefined || file.queueName !== 'maildrop') {
    return "it is not mail_owner's";
  }
  const path = queueFilePath(layout, queueName, id);
  const to = `${queueDirectory}/${path}`;
  try {
    if (fs.lstat(from)?.inode !== file.status.inode || fs.lstat(to) !== undefined) {
      return 'EEXIST';
    }
    if (queueName === 'corrupt') {
      // No journal knows of it: the note comes first, and a run that was cut off behind it renames it by the same name.
      ground.notes.add({ from: file.path, to: path, reason: order.reason });
    }
    safeRename(fs, from, to);
    return queueName === 'corrupt' ? layAside(ground, { path, file }) : undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** In corrupt it is mail_owner's, and nobody else reads it. Where that can't be had the next run tells of its owner. */
function layAside(
  { fs, queueDirectory, mending, mailOwner }: RenameGround,
  { path, file }: { readonly path: string; readonly file: SeenFile },
): string | undefined {
  const { inode } = file.status;
  const failure = mending === undefined ? 'EPERM' : mending({ kind: 'file', path, inode, makesReady: false });
  if (failure !== undefined) {
    return `it is in corrupt, but not mail_owner's: ${failure}`;
  }
  const fd = fs.open(`${queueDirectory}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = fs.fstat(fd);
    if (status.inode === inode && status.uid === mailOwner) {
      fs.fchmod(fd, CORRUPT_MODE);
    }
    return undefined;
  } finally {
    fs.close(fd);
  }
}

async function renameByJournal(
  ground: RenameGround,
  orders: readonly NameOrder[],
  failures: Map<string, string>,
): Promise<void> {
  if (orders.length === 0) {
    return;
  }
  const { fs, queueDirectory, layout, enableLongQueueIds, now, signal } = ground;
  const staging = new Staging({ ...ground, snapshotId: '', into: REPAIR, archive: '' });
  try {
    for (const order of orders) {
      // Before its ready bit is taken: what can't be named stays as it is.
      const entry = obstacleTo(ground, order) ?? entryOf(ground, order);
      if (typeof entry === 'string') {
        failures.set(order.file.path, entry);
      } else {
        staging.appendInQueue(entry);
      }
    }
    staging.seal();
  } catch (error) {
    staging.discard();
    throw error;
  }
  const relabel = relabelFor({ fs });
  await carryOut({
    target: { fs, queueDirectory, layout, enableLongQueueIds },
    journal: staging.journal,
    stagingDirectory: staging.directory,
    known: staging.known(),
    now,
    onDone: (entry) => ground.notes.addMoved(entry),
    onFailed: ({ from }, failure) => void failures.set(from, failureText(failure)),
    ...(relabel === undefined ? {} : { relabel }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Why a message is not where it was to go. */
export function failureText(failure: Failure): string {
  return failure.kind === 'stuck'
    ? `${failure.reason}; it is not ready meanwhile: do not start Postfix before a repair has finished it`
    : 'it is nowhere any more: somebody took it meanwhile';
}

/** Why the places of a message and its logs can't be had. */
function obstacleTo(
  { fs, queueDirectory, layout }: RenameGround,
  { file, queueName, queueId, logs }: NameOrder,
): string | undefined {
  const id = parseQueueId(queueId);
  if (id === undefined || file.id === undefined) {
    return 'it is no message';
  }
  for (const queue of [queueName, ...logs.map((log) => log.queueName)]) {
    const path = queueFilePath(layout, queue, id);
    try {
      makeDirectoryOf(fs, queueDirectory, path);
      if (fs.lstat(`${queueDirectory}/${dirname(path)}`)?.type !== 'directory') {
        return `${dirname(path)} is no directory`;
      }
    } catch (error) {
      return failureOf(error);
    }
  }
  return undefined;
}

/** Reads what the journal must know of a message and its logs. */
function entryOf({ fs, queueDirectory, now }: RenameGround, order: NameOrder): JournalEntry | string {
  const { file, queueName, queueId } = order;
  if (!isMessageQueueName(file.queueName) || file.id === undefined) {
    return 'it is no message';
  }
  // A journal that is sealed is believed: what can't be read back from it would wait for good.
  if (![file, ...order.logs].every(({ path }) => isPathBelow(path))) {
    return 'its directory has a name that no queue directory has: move it by hand';
  }
  try {
    const read = readFile(fs, queueDirectory, file);
    const logs = order.logs.map((log): JournalLog => {
      const { size, sha256 } = readFile(fs, queueDirectory, log);
      if (!isLogQueueName(log.queueName)) {
        throw new TypeError(`no log: ${log.path}`);
      }
      return { queueName: log.queueName, from: log.path, size, sha256 };
    });
    const { mtimeNs, mode } = file.status;
    const stagedNs = stagedTime(mtimeNs, BigInt(now().getTime()) * 1_000_000n);
    return {
      queueName: file.queueName,
      queueId: file.id.text,
      ...read,
      from: file.path,
      newQueueName: queueName,
      newQueueId: queueId,
      inode: file.status.inode,
      mode: queueName === 'corrupt' ? CORRUPT_MODE : mode & 0o777,
      ...(stagedNs === mtimeNs ? {} : { times: { stagedNs, mtimeNs } }),
      logs,
    };
  } catch (error) {
    return error instanceof ChangedFile ? error.message : failureOf(error);
  }
}

/** Somebody works on the queue. */
class ChangedFile extends Error {}

function readFile(
  fs: FileSystem,
  queueDirectory: string,
  { path, status }: SeenFile,
): { readonly size: number; readonly sha256: string; readonly fingerprint: string } {
  const fd = fs.open(`${queueDirectory}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { type, inode, size, links } = fs.fstat(fd);
    if (type !== 'file' || inode !== status.inode || links !== 1) {
      throw new ChangedFile('it was changed meanwhile');
    }
    const sha256 = digestOfDescriptor(fs, fd);
    const source = new DescriptorSource(fs, fd, size);
    const { mutableBytes } = examineQueueFile(source, 'incoming');
    return { size, sha256, fingerprint: fingerprintOfHashed(source, mutableBytes, sha256) };
  } finally {
    fs.close(fd);
  }
}

/** Makes the directory that a file of mail_owner's is to be in, as mail_queue.c does. */
export function makeDirectoryOf(fs: FileSystem, queueDirectory: string, path: string): void {
  const names = path.split('/').slice(0, -1);
  for (let depth = 2; depth <= names.length; depth += 1) {
    safeMkdir(fs, `${queueDirectory}/${names.slice(0, depth).join('/')}`, 0o700);
  }
}
