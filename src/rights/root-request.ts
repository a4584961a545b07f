/**
 * What is asked of root, as text on the way between two processes. What comes out of the process that works with
 * mail_owner's rights may come from somebody who has taken it over: the decoder takes exactly what the encoder makes.
 */

import type { SubmissionRequest, SubmissionTime } from '../journal/submission.ts';
import { isHashDirectoryPath, isQueueFilePath } from './queue-file-path.ts';
import type { MendRequest } from './root-mend.ts';

export type RootRequest =
  /** Make the state directory in the queue directory. */
  | { readonly ask: 'state-directory' }
  /** The three calls of a SubmissionService. */
  | { readonly ask: 'give'; readonly request: SubmissionRequest }
  | { readonly ask: 'set-time'; readonly request: SubmissionTime }
  | {
      readonly ask: 'try-to-give';
      readonly file: string;
      readonly owner: { readonly uid: number; readonly gid: number };
    }
  /** A queue file that only root can read. */
  | { readonly ask: 'open'; readonly path: string }
  | { readonly ask: 'read'; readonly handle: number; readonly position: number; readonly length: number }
  | { readonly ask: 'status' | 'close'; readonly handle: number }
  /** Owner and mode of what stands in a queue, as Postfix makes them. */
  | { readonly ask: 'mend'; readonly request: MendRequest };

/** The longest piece of a file at a time. */
export const READ_MAXIMUM = 1_048_576;

/** Encodes a request: an array, in an order of its own for each. */
export function encodeRequest(request: RootRequest): string {
  return JSON.stringify(fieldsOf(request));
}

function fieldsOf(request: RootRequest): unknown[] {
  switch (request.ask) {
    case 'state-directory':
      return [request.ask];
    case 'give': {
      const { queueId, inode, size, owner, mode, isSynced } = request.request;
      return [request.ask, queueId, String(inode), size, owner.uid, owner.gid, mode, isSynced === true];
    }
    case 'set-time': {
      const { queueId, inode, size, owner, mode, stagedNs, mtimeNs } = request.request;
      return [request.ask, queueId, String(inode), size, owner.uid, owner.gid, mode, String(stagedNs), String(mtimeNs)];
    }
    case 'try-to-give':
      return [request.ask, request.file, request.owner.uid, request.owner.gid];
    case 'open':
      return [request.ask, request.path];
    case 'mend': {
      const { kind, path, inode, makesReady } = request.request;
      return [request.ask, kind, path, String(inode), makesReady];
    }
    case 'read':
      return [request.ask, request.handle, request.position, request.length];
    case 'status':
    case 'close':
      return [request.ask, request.handle];
  }
}

/** Decodes a request; undefined for anything else. */
export function decodeRequest(value: unknown): RootRequest | undefined {
  if (!Array.isArray(value)) {
    return undefined;
  }
  const fields: readonly unknown[] = value;
  const request = requestOf(fields);
  // One spelling for each request: nothing left over, nothing in another form.
  const isExact = request !== undefined && JSON.stringify(fieldsOf(request)) === JSON.stringify(fields);
  return isExact ? request : undefined;
}

function requestOf([ask, ...fields]: readonly unknown[]): RootRequest | undefined {
  switch (ask) {
    case 'state-directory':
      return { ask };
    case 'give':
      return giveOf(fields);
    case 'set-time':
      return timeOf(fields);
    case 'try-to-give': {
      const [file, uid, gid] = fields;
      return isText(file) && isId(uid) && isId(gid) ? { ask, file, owner: { uid, gid } } : undefined;
    }
    case 'open': {
      const [path] = fields;
      return isText(path) && isQueueFilePath(path) ? { ask, path } : undefined;
    }
    case 'mend':
      return mendOf(fields);
    case 'read': {
      const [handle, position, length] = fields;
      const isFit = isCount(handle) && isCount(position) && isCount(length) && length <= READ_MAXIMUM;
      return isFit ? { ask, handle, position, length } : undefined;
    }
    case 'status':
    case 'close': {
      const [handle] = fields;
      return isCount(handle) ? { ask, handle } : undefined;
    }
    default:
      return undefined;
  }
}

function mendOf([kind, path, inodeText, makesReady]: readonly unknown[]): RootRequest | undefined {
  const inode = bigintOf(inodeText);
  if (!isText(path) || inode === undefined || typeof makesReady !== 'boolean') {
    return undefined;
  }
  if (kind === 'file') {
    return isQueueFilePath(path) ? { ask: 'mend', request: { kind, path, inode, makesReady } } : undefined;
  }
  const isFit = kind === 'directory' && isHashDirectoryPath(path) && !makesReady;
  return isFit ? { ask: 'mend', request: { kind, path, inode, makesReady } } : undefined;
}

function giveOf(fields: readonly unknown[]): RootRequest | undefined {
  const [, , , , , , isSynced] = fields;
  const file = fileOf(fields);
  return file !== undefined && typeof isSynced === 'boolean'
    ? { ask: 'give', request: { ...file, isSynced } }
    : undefined;
}

function timeOf(fields: readonly unknown[]): RootRequest | undefined {
  const [, , , , , , staged, mtime] = fields;
  const [file, stagedNs, mtimeNs] = [fileOf(fields), bigintOf(staged), bigintOf(mtime)];
  return file !== undefined && stagedNs !== undefined && mtimeNs !== undefined
    ? { ask: 'set-time', request: { ...file, stagedNs, mtimeNs } }
    : undefined;
}

function fileOf([queueId, inodeText, size, uid, gid, mode]: readonly unknown[]):
  | Omit<SubmissionRequest, 'isSynced'>
  | undefined {
  const inode = bigintOf(inodeText);
  const isFit = isText(queueId) && inode !== undefined && isCount(size) && isId(uid) && isId(gid) && isMode(mode);
  return isFit ? { queueId, inode, size, owner: { uid, gid }, mode } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1024;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A user's or group's number: 2^32 - 1 means "leave it as it is" to chown(2). */
function isId(value: unknown): value is number {
  return isCount(value) && value < 0xffff_ffff;
}

function isMode(value: unknown): value is number {
  return isCount(value) && value <= 0o7777;
}

const DECIMAL = /^(?:0|-?[1-9][0-9]{0,29})$/u;

function bigintOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && DECIMAL.test(value) ? BigInt(value) : undefined;
}
