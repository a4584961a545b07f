/** A queue directory on the simulated disk, a restore that is staged in it, and its journal at work. */

import { createHash } from 'node:crypto';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { type CarryOutOptions, carryOut } from '../../../src/journal/carry-out.ts';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { CarriedJournal, type CurrentEntry } from '../../../src/journal/journal-file.ts';
import type { PlacementTarget } from '../../../src/journal/placement.ts';
import { writeStagedFile } from '../../../src/journal/staged-file.ts';
import { Staging, type StagingOptions } from '../../../src/journal/staging.ts';
import { type Failure, Work } from '../../../src/journal/work.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { type Faults, faultyFileSystem } from '../disk/faults.ts';
import { SimulatedFileSystem, type SimulationOptions } from '../disk/simulated-file-system.ts';
import { makeDirectories, readWhole } from '../disk/tree.ts';

const QUEUE_DIRECTORY = '/queue';
const NOW_NS = 1_700_000_000_000_000_000n;

export const now = (): Date => new Date(Number(NOW_NS / 1_000_000n));

/** What a listener was told, in order. */
export interface Told {
  readonly done: string[];
  readonly failed: (readonly [string, Failure])[];
}

export class JournalWorld {
  readonly disk: SimulatedFileSystem;
  readonly told: Told = { done: [], failed: [] };
  #runs = 0;

  constructor(
    queues: readonly string[] = ['hold', 'deferred', 'defer', 'incoming', 'active', 'maildrop', 'corrupt'],
    options: SimulationOptions = {},
  ) {
    this.disk = new SimulatedFileSystem(options);
    for (const queue of [...queues, 'postsnap']) {
      makeDirectories(this.disk, `${QUEUE_DIRECTORY}/${queue}`);
    }
  }

  target(faults?: Faults): PlacementTarget {
    const fs: FileSystem = faults === undefined ? this.disk : faultyFileSystem(this.disk, faults);
    return { fs, queueDirectory: QUEUE_DIRECTORY, layout: DEFAULT_LAYOUT, enableLongQueueIds: false };
  }

  begin(changes: Partial<StagingOptions> = {}): Staging {
    this.#runs += 1;
    const run = `r${this.#runs}`;
    return new Staging({
      ...this.target(),
      snapshotId: 'snapshot',
      into: 'queues',
      archive: 'queue.tar.zst',
      now,
      randomName: () => run,
      ...changes,
    });
  }

  /** Stages a held message and its defer log, if it has one, and notes it. Returns the entry as it is noted. */
  stage(
    staging: Staging,
    index: number,
    changes: Partial<JournalEntry> & { readonly log?: string } = {},
  ): JournalEntry {
    const { log, ...more } = changes;
    const file = this.#write(staging, index, { kind: 'message', content: contentOf(index) });
    const logs = log === undefined ? [] : [this.#write(staging, index, { kind: 'defer', content: log })];
    const entry: JournalEntry = {
      from: file.from,
      size: file.size,
      sha256: file.sha256,
      inode: file.inode,
      queueName: 'hold',
      queueId: 'A00011F',
      fingerprint: fingerprintOf(index),
      newQueueName: 'hold',
      newQueueId: `A000${index}${file.inode.toString(16).toUpperCase()}`,
      mode: 0o700,
      logs: logs.map(({ from, size, sha256 }) => ({ queueName: 'defer', from, size, sha256 })),
      ...more,
    };
    staging.append(entry);
    return entry;
  }

  #write(
    { directory: stagingDirectory }: Staging,
    index: number,
    { kind, content }: { readonly kind: 'message' | 'defer'; readonly content: string },
  ): { from: string; size: number; sha256: string; inode: bigint } {
    const options = { stagingDirectory, index, kind, mtimeNs: NOW_NS, nowNs: NOW_NS };
    const { staged: from, inode, size } = writeStagedFile(this.disk, options, [Buffer.from(content)]);
    return { from, size, inode, sha256: createHash('sha256').update(content).digest('hex') };
  }

  /** What a run does with a sealed journal. */
  work(staging: Staging, faults?: Faults): Work {
    const target = this.target(faults);
    return new Work(target, new CarriedJournal(target.fs, staging.journal, staging.known()), {
      onDone: ({ fingerprint }) => this.told.done.push(fingerprint),
      onFailed: ({ fingerprint }, failure) => this.told.failed.push([fingerprint, failure]),
    });
  }

  async carryOut(staging: Staging, changes: Partial<CarryOutOptions> = {}): Promise<'done' | 'unfinished'> {
    return carryOut({
      target: this.target(),
      journal: staging.journal,
      stagingDirectory: staging.directory,
      known: staging.known(),
      onDone: ({ fingerprint }) => this.told.done.push(fingerprint),
      onFailed: ({ fingerprint }, failure) => this.told.failed.push([fingerprint, failure]),
      now,
      ...changes,
    });
  }

  contentAt(path: string): string | undefined {
    return this.disk.lstat(path) === undefined ? undefined : Buffer.from(readWhole(this.disk, path)).toString();
  }
}

export function contentOf(index: number): string {
  return `message ${index}`;
}

export function fingerprintOf(index: number): string {
  return createHash('sha256').update(`fingerprint ${index}`).digest('hex');
}

/** The message with this number, as it is now. */
export function entryOf(work: Work, index: number): CurrentEntry {
  const found = [...work.journal.entries()].find((entry) => entry.index === index);
  if (found === undefined) {
    throw new Error(`the journal has no message ${index}`);
  }
  return found;
}
