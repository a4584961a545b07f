import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { type StageOutcome, stageRun } from '../../../src/restore/stage-job.ts';
import { archivedFile, frameRun, messageLine } from '../../support/archive/archived-file.ts';

const WHOLE = readFileSync(join(import.meta.dirname, '../../../fixtures/queue-files/plain.queue'));
const BROKEN = WHOLE.subarray(0, WHOLE.length - 5);
const PATH = 'deferred/ABCDE12345';

/** What a dry run finds of a message that comes in pieces of a size. */
function rehearse(content: Uint8Array, pieceSize: number, changes: object = {}): StageOutcome | undefined {
  const line = { ...messageLine(PATH, content), ...changes };
  const { frames } = frameRun([line]);
  const entries = (): ReturnType<Parameters<typeof stageRun>[0]['reader']['entries']> => [
    archivedFile(PATH, content, pieceSize),
  ];
  const item = { index: 0, kind: 'message', destination: 'deferred', mtimeNs: 0n } as const;
  const [outcome] = stageRun(
    { fs: nodeFileSystem, reader: { entries }, limits: {} },
    { run: { frames, lines: [line] }, items: [item], nowNs: 0n },
  );
  return outcome;
}

it.each([100, WHOLE.length])('a dry run proves the records of a message also in pieces of %d bytes', (size) => {
  expect(rehearse(WHOLE, size)).toMatchObject({ kind: 'staged' });
  expect(rehearse(BROKEN, Math.min(size, BROKEN.length))).toMatchObject({
    kind: 'malformed',
    faults: [expect.stringContaining('the file ends within')],
  });
  expect(rehearse(WHOLE, size, { fingerprint: 'f'.repeat(64) })).toMatchObject({ kind: 'damaged' });
  expect(rehearse(WHOLE, size, { submission: 'f'.repeat(64) })).toMatchObject({ kind: 'damaged' });
});
