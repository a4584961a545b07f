/** A real target queue, an archive of messages, and what a restore is given of the world: each step can be tried alone. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openArchiveFile } from '../../../src/archive/open-archive.ts';
import { backup } from '../../../src/backup/backup.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { ensureStateDirectory } from '../../../src/journal/state-directory.ts';
import type { OperationEvent } from '../../../src/operation.ts';
import { compileSelection } from '../../../src/plan/selection.ts';
import { SystemAccounts } from '../../../src/postfix/accounts.ts';
import { readConfiguration } from '../../../src/postfix/configuration.ts';
import type { RestoreOptions } from '../../../src/restore/options.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { type RestoreRow, restoreWork } from '../../../src/restore/restore-work.ts';
import { clockAndNames, type Surroundings, Warnings } from '../../../src/restore/surroundings.ts';
import type { OwnerSurroundings } from '../../../src/rights/owner-work.ts';
import { makeQueueDirectory, put } from '../queue/queue-directory.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/queue-files');

export function fixture(name: string): Buffer {
  return readFileSync(join(FIXTURES, name));
}

/** An archive of a deferred message with a log, and a held one. */
export async function sampleArchive(): Promise<string> {
  const source = makeQueueDirectory();
  put(source, 'deferred/0/0A16F210466', { content: fixture('bounce-pending.queue') });
  put(source, 'bounce/0A16F210466', { content: fixture('bounce-pending.bounce'), mode: 0o600 });
  put(source, 'hold/072AE210465', { content: fixture('always-bcc.queue') });
  const archive = join(scratch(), 'a.tar.zst');
  await backup({ archive, queueDirectory: source, workers: 0 });
  return archive;
}

function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'postsnap-restore-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

export async function requestFor(
  archive: string,
  options: Partial<RequestOptions> = {},
): Promise<RestoreRequest & { readonly archive: Awaited<ReturnType<typeof openArchiveFile>> }> {
  const reader = await openArchiveFile({ kind: 'file', path: archive });
  onTestFinished(() => reader.close());
  const selection = await compileSelection(options.selection ?? {}, 0);
  return {
    archive: reader,
    lost: [],
    unaccountedBytes: 0,
    isAccounted: true,
    options: { archive, workers: 0, ...options },
    selection,
  };
}

type RequestOptions = Omit<RestoreOptions, 'onMapping' | 'onPlan'>;

export interface Target {
  readonly queueDirectory: string;
  readonly surroundings: Surroundings;
  readonly events: OperationEvent[];
}

/** An empty target queue, whose owner is who runs the test. */
export function makeTarget(changes: Partial<Surroundings> = {}): Target {
  const queueDirectory = makeQueueDirectory();
  const events: OperationEvent[] = [];
  const control = { onEvent: (event: OperationEvent) => void events.push(event) };
  ensureStateDirectory(nodeFileSystem, queueDirectory, owner());
  return {
    queueDirectory,
    events,
    surroundings: {
      fs: nodeFileSystem,
      configuration: configurationFor(queueDirectory),
      accounts: new SystemAccounts(),
      control,
      submissions: undefined,
      running: false,
      services: undefined,
      warnings: new Warnings(control),
      ...clockAndNames(control),
      ...changes,
    },
  };
}

export function configurationFor(queueDirectory: string): Surroundings['configuration'] {
  return readConfiguration({ queueDirectory, overrides: { mail_owner: String(owner().uid) } });
}

function owner(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** What a work is given in the process of the queue's owner, with the rows that it tells. */
export function ownerSurroundings<Row>(
  { surroundings: { fs, control }, queueDirectory }: Target,
  files: readonly number[] = [],
): OwnerSurroundings<Row> & { readonly rows: Row[] } {
  const rows: Row[] = [];
  return {
    fs,
    control,
    files,
    output: { write: () => undefined },
    tell: (row) => void rows.push(row),
    makeStateDirectory: () => ensureStateDirectory(fs, queueDirectory, owner()),
    submissions: undefined,
    mending: undefined,
    threads: { program: undefined, rights: undefined },
    rows,
  };
}

/** The work of a restore into a target as the process of its owner does it, with the rows that it tells. */
export async function workOn(
  target: Target,
  request: Awaited<ReturnType<typeof requestFor>>,
): Promise<{ readonly report: Awaited<ReturnType<typeof restoreWork.run>>; readonly rows: readonly RestoreRow[] }> {
  const given = ownerSurroundings<RestoreRow>(target, [request.archive.origin.fd]);
  const setup = {
    options: request.options,
    configuration: configurationFor(target.queueDirectory),
    archiveName: 'a',
    logNames: [],
    now: 0,
    running: false,
    services: undefined,
  };
  return { report: await restoreWork.run(setup, given), rows: given.rows };
}
