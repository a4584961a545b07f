/** What root answers, as text and raw bytes on the way to the process that works with mail_owner's rights. */

import type { FileStatus, FileType } from '../fs/file-system.ts';
import type { SubmissionOutcome } from '../journal/submission.ts';
import { decodeError, encodeError, type PlainError } from '../worker/plain-error.ts';
import { encodeFrame, type Frame } from './frame.ts';

export type RootAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'status'; readonly status: FileStatus }
  | { readonly kind: 'opened'; readonly handle: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'outcome'; readonly outcome: SubmissionOutcome }
  | { readonly kind: 'time'; readonly time: 'set' | 'left' }
  /** Undefined: it would be allowed. */
  | { readonly kind: 'trial'; readonly errno: string | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

interface PlainStatus {
  readonly type: FileType;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** What JSON has no numbers for. */
  readonly big: readonly [
    device: string,
    inode: string,
    mtimeNs: string,
    atimeNs: string,
    ctimeNs: string,
    birthtimeNs: string,
  ];
}

type PlainAnswer =
  | Exclude<RootAnswer, { readonly kind: 'status' | 'bytes' | 'failed' }>
  | { readonly kind: 'status'; readonly status: PlainStatus }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** Encodes an answer. */
export function encodeAnswer(answer: RootAnswer): Uint8Array {
  return answer.kind === 'bytes'
    ? encodeFrame(JSON.stringify(plainAnswer(answer)), answer.bytes)
    : encodeFrame(JSON.stringify(plainAnswer(answer)));
}

function plainAnswer(answer: RootAnswer): PlainAnswer {
  if (answer.kind === 'status') {
    return { kind: 'status', status: plainStatus(answer.status) };
  }
  if (answer.kind === 'failed') {
    return { kind: 'failed', error: encodeError(answer.error) };
  }
  return answer.kind === 'bytes' ? { kind: 'bytes' } : answer;
}

function plainStatus(status: FileStatus): PlainStatus {
  const { type, mode, links, uid, gid, size } = status;
  const { device, inode, mtimeNs, atimeNs, ctimeNs, birthtimeNs } = status;
  const big = [device, inode, mtimeNs, atimeNs, ctimeNs, birthtimeNs].map(String);
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = big;
  return { type, mode, links, uid, gid, size, big: [a, b, c, d, e, f] };
}

/** Decodes an answer. It is root's, so it is of its form. */
export function decodeAnswer({ text, bytes }: Frame): RootAnswer {
  const answer: PlainAnswer = JSON.parse(text);
  if (answer.kind === 'status') {
    return { kind: 'status', status: statusOf(answer.status) };
  }
  if (answer.kind === 'failed') {
    return { kind: 'failed', error: decodeError(answer.error) };
  }
  return answer.kind === 'bytes' ? { kind: 'bytes', bytes } : answer;
}

function statusOf({ big, ...small }: PlainStatus): FileStatus {
  const [device, inode, mtimeNs, atimeNs, ctimeNs, birthtimeNs] = big;
  return {
    ...small,
    device: BigInt(device),
    inode: BigInt(inode),
    mtimeNs: BigInt(mtimeNs),
    atimeNs: BigInt(atimeNs),
    ctimeNs: BigInt(ctimeNs),
    birthtimeNs: BigInt(birthtimeNs),
  };
}
