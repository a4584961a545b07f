/** A backup in the queue, all of it: threads, rounds, seal. */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openArchiveFile } from '../../../src/archive/open-archive.ts';
import { type BackupOutcome, type BackupSetup, backupWork } from '../../../src/backup/backup-work.ts';
import type { OperationEvent } from '../../../src/operation.ts';
import { HEADER } from '../../support/archive/sample-archive.ts';
import { put } from '../../support/queue/queue-directory.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';
import { configurationFor, makeTarget, ownerSurroundings, type Target } from '../../support/restore/world.ts';

vi.setConfig({ testTimeout: 30_000 });

interface Written {
  readonly outcome: BackupOutcome;
  readonly files: readonly string[];
  readonly events: readonly OperationEvent[];
}

/** Backs a queue up, and reads what was written. */
async function backUp(target: Target, changes: Partial<BackupSetup> = {}): Promise<Written> {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-backup-work-'));
  const draftFd = openSync(join(directory, 'draft'), 'w+');
  onTestFinished(() => {
    closeSync(draftFd);
    rmSync(directory, { recursive: true });
  });
  const pieces: Buffer[] = [];
  const outcome = await backupWork.run(
    {
      configuration: configurationFor(target.queueDirectory),
      header: HEADER,
      workers: 0,
      level: 1,
      queues: undefined,
      selection: undefined,
      isStopped: false,
      ...changes,
    },
    {
      ...ownerSurroundings<undefined>(target, [draftFd]),
      output: { write: (bytes) => void pieces.push(Buffer.from(bytes)) },
    },
  );
  const path = join(directory, 'a.tar.zst');
  writeFileSync(path, Buffer.concat(pieces));
  const archive = await openArchiveFile({ kind: 'file', path });
  onTestFinished(() => archive.close());
  const files = [...archive.catalogue()].map(({ queue_name, queue_id }) => `${queue_name}/${queue_id}`).sort();
  return { outcome, files, events: target.events };
}

function filledTarget(): Target {
  const target = makeTarget();
  const { queueDirectory } = target;
  put(queueDirectory, 'deferred/0/000001', { content: queueFile() });
  put(queueDirectory, 'defer/0/000001', { content: 'recipient=bob@example.com\nreason=later\n\n', mode: 0o600 });
  put(queueDirectory, 'hold/000002', { content: queueFile() });
  put(queueDirectory, 'hold/000003', { content: queueFile().subarray(0, 100) });
  return target;
}

describe('a backup', () => {
  it('takes what is in the queues with its logs, and says so', async () => {
    const { outcome, files, events } = await backUp(filledTarget());
    expect(files).toEqual(['defer/000001', 'deferred/000001', 'hold/000002', 'hold/000003']);
    expect(outcome).toMatchObject({
      snapshot_id: HEADER.snapshot_id,
      started: HEADER.started,
      messages: 3,
      left: 0,
      logs: 1,
      unreadable: [],
      not_selected: 0,
      missing_ids: [],
      malformed: 1,
      settled: true,
    });
    expect(Object.keys(outcome.by_queue).sort()).toEqual(['deferred', 'hold']);
    expect(outcome.passes).toBe(outcome.rounds.reduce((sum, { listings }) => sum + listings, 0));
    expect(events).toContainEqual({ kind: 'progress', phase: 'reading', done: 3, total: 3, unit: 'messages' });
    expect(backupWork.isReport(JSON.parse(JSON.stringify(outcome)))).toBe(true);
  });

  it('takes the queues that are asked for, but those that are not wanted', async () => {
    const selection = { exclude: { queues: ['hold'] } } as const;
    const { files } = await backUp(filledTarget(), { queues: ['hold', 'deferred'], selection });
    expect(files).toEqual(['defer/000001', 'deferred/000001']);
  });

  it('takes the IDs that are asked for, in their queues, and names those that are not there', async () => {
    const selection = { only: { ids: ['hold/000002', '00000A'] } };
    const { outcome, files } = await backUp(filledTarget(), { selection });
    expect(files).toEqual(['hold/000002']);
    expect(outcome.missing_ids).toEqual(['00000A']);
  });

  it('names a queue that is missing', async () => {
    const target = filledTarget();
    rmSync(join(target.queueDirectory, 'maildrop'), { recursive: true });
    const { outcome } = await backUp(target);
    expect(outcome.unreadable).toEqual([
      { queue_name: 'maildrop', queue_id: '', reason: 'the queue directory has no such directory' },
    ]);
    expect(outcome.messages).toBe(3);
  });
});

it('knows no report of another work for its own, and has no rows', () => {
  expect([backupWork.isReport({ messages: 1 }), backupWork.isRow({}), backupWork.isRow(undefined)]).toEqual([
    false,
    false,
    true,
  ]);
});
