/** What a process that is mail_owner is told at its start, by root. Maps and sets travel, as between threads. */

import { deserialize, serialize } from 'node:v8';
import type { RootTask } from './root-service.ts';

export interface OwnerStart {
  readonly work: 'backup' | 'restore' | 'unfinished' | 'repair';
  readonly setup: unknown;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Absolute; it is the working directory, too. */
  readonly queueDirectory: string;
  /** What root answers; undefined: nothing, since others than root could lead it elsewhere. */
  readonly task: RootTask | undefined;
  /** The descriptors of the files, in their order. */
  readonly files: readonly number[];
  readonly output: number | undefined;
  /** A socket to root for each thread. */
  readonly doors: readonly number[];
}

export function encodeStart(start: OwnerStart): Uint8Array {
  return serialize(start);
}

/** It comes from root. */
export function decodeStart(bytes: Uint8Array): OwnerStart {
  const start: OwnerStart = deserialize(bytes);
  return start;
}

/** The descriptors that are the same in each such process. Standard input is the leash: root's process holds it. */
export const DOOR = 3;
export const PROGRAM = 4;
export const FIRST_OTHER = 5;
