/** The work of a thread: it opens the archive for itself, and writes what is wanted where Postfix does not look. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { StageJob } from '../../../src/restore/stage-job.ts';
import { stageHandler } from '../../../src/restore/stage-worker.ts';
import { fixture, requestFor, sampleArchive } from '../../support/restore/world.ts';

const NOW_NS = 1_700_000_000_000_000_000n;

async function heldMessage(): Promise<{ job: StageJob; setup: Parameters<typeof stageHandler>[0] }> {
  const { archive } = await requestFor(await sampleArchive());
  const [run] = archive.runs();
  const { frames, lines } = run ?? { frames: [], lines: [] };
  const item = { index: 7, kind: 'message', destination: 'hold', mtimeNs: NOW_NS } as const;
  const items = lines.map(({ queue_name }) => (queue_name === 'hold' ? item : undefined));
  return {
    job: { run: { frames, lines }, items, nowNs: NOW_NS },
    setup: { origin: archive.origin, snapshotId: archive.header.snapshot_id, limits: {}, rights: undefined },
  };
}

it('writes a message byte by byte, under its number', { timeout: 30_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-stage-worker-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const { job, setup } = await heldMessage();
  const handle = await stageHandler(setup);
  const outcomes = await handle({ ...job, stagingDirectory: directory });
  const whole = fixture('always-bcc.queue');
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['staged', 'unwanted', 'unwanted']);
  expect(outcomes.find(({ kind }) => kind === 'staged')).toMatchObject({
    file: { staged: '0/7.message', size: whole.length },
  });
  expect(readFileSync(join(directory, '0/7.message')).equals(whole)).toBe(true);
  expect(readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()).toEqual(['0', '0/7.message']);
});

it('takes no entry of another snapshot', { timeout: 30_000 }, async () => {
  const { job, setup } = await heldMessage();
  const handle = await stageHandler({ ...setup, snapshotId: '00000000-0000-4000-8000-000000000000' });
  expect((await handle(job)).map(({ kind }) => kind)).toEqual(['damaged', 'damaged', 'damaged']);
});

it('names the directory, and says that the queue was not touched, where it can write nothing', {
  timeout: 30_000,
}, async () => {
  const { job, setup } = await heldMessage();
  const handle = await stageHandler(setup);
  const stagingDirectory = join(tmpdir(), 'postsnap-no-such-directory', 'r.staged');
  expect(() => handle({ ...job, stagingDirectory })).toThrow(
    expect.objectContaining({ path: stagingDirectory, nextStep: expect.stringContaining('not touched') }),
  );
});
