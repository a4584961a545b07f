/**
 * Work with mail_owner's rights: what a backup or a restore does in a queue, all of it. Whoever took over the mail_owner
 * account can change the queue at any moment, and what stands in it is his: so where root starts the command, this is done
 * by a process that is mail_owner, and nobody else; where somebody else starts it, by that very process.
 */

import type { FileSystem } from '../fs/file-system.ts';
import type { SubmissionService } from '../journal/submission.ts';
import type { OperationControl } from '../operation.ts';
import type { ThreadRights } from './owner-file-system.ts';
import type { QueueMending } from './root-mend.ts';
import type { RootTask } from './root-service.ts';

export interface OwnerWork<Setup, Report, Row> {
  readonly name: 'backup' | 'restore' | 'unfinished' | 'repair';
  /** What root may be asked for meanwhile. */
  readonly task: RootTask;
  readonly run: (setup: Setup, surroundings: OwnerSurroundings<Row>) => Promise<Report>;
  /** Checks what comes from another process. */
  readonly isReport: (value: unknown) => value is Report;
  readonly isRow: (value: unknown) => value is Row;
}

/** What the work has of the world outside, besides its setup, which is plain data. */
export interface OwnerSurroundings<Row> {
  readonly fs: FileSystem;
  readonly control: OperationControl;
  /** The descriptors of the files that were opened with the caller's rights, in his order. */
  readonly files: readonly number[];
  /** Takes the bytes of what is made. */
  readonly output: { write(bytes: Uint8Array): void };
  /** Takes a row of the result. */
  readonly tell: (row: Row) => void;
  readonly makeStateDirectory: () => void;
  /** Absent where nobody can give submissions to those who made them. */
  readonly submissions: SubmissionService | undefined;
  /** Absent where nobody can change owners. */
  readonly mending: QueueMending | undefined;
  readonly threads: ThreadSurroundings;
}

/** What is handed to worker threads. */
export interface ThreadSurroundings {
  /** The code of the threads, where this process can't read it from its file. */
  readonly program: string | undefined;
  /** Plain data. */
  readonly rights: ThreadRights | undefined;
}

/** One run of a work. */
export interface OwnerRun<Setup, Row> {
  /** Plain data. */
  readonly setup: Setup;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Absolute. */
  readonly queueDirectory: string;
  readonly files?: readonly number[];
  readonly output?: { write(bytes: Uint8Array): void };
  /** How many threads read the queue, each of which may have to ask root. */
  readonly readers?: number;
  readonly control: OperationControl;
  readonly onRow?: (row: Row) => void;
  /** Told of each file, as a path below the queue directory, that root had to open for the owner. */
  readonly onRootsFile?: (path: string) => void;
}
