/** A clock that can't be right, which no test can set. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkPoints } from '../../../../src/cli/configuration/check-points.ts';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';
import { nodeFileSystem } from '../../../../src/fs/node-file-system.ts';
import { DirectoryStore } from '../../../../src/store/directory-store.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postsnap-points-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it.each([
  [Date.UTC(1970, 0), false, 'it is 1970-01-01T00:00:00.000Z by the clock. Set it: retention goes by it.'],
  [Date.UTC(2024, 11, 31, 23, 59, 59), false, expect.stringContaining('Set it')],
  [Date.UTC(2025, 0), true, 'it is 2025-01-01T00:00:00.000Z, and no snapshot is later'],
])('a clock that shows %i is right: %s', async (now, ok, text) => {
  const store = join(scratch, 'store');
  mkdirSync(store, { recursive: true });
  const points = await checkPoints({
    fs: nodeFileSystem,
    file: '/dev/null',
    installation: { queueDirectory: scratch },
    store: () => new DirectoryStore(nodeFileSystem, store, () => 'abcdefabcdef'),
    schedule: () => ({ ok: true, text: 'every night', nextStep: '' }),
    now,
    commands: new QueueCommands(),
  });
  expect(points.find(({ name }) => name === 'clock')).toEqual({ name: 'clock', ok, text });
});
