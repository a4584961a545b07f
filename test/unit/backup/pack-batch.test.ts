import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { decodeDraftLines } from '../../../src/archive/draft-line.ts';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { PackMemory, type PackResult, packBatch } from '../../../src/backup/pack-batch.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { errnoError } from '../../support/disk/errno-error.ts';
import { makeQueueDirectory, put, spoolOf } from '../../support/queue/queue-directory.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';

vi.setConfig({ testTimeout: 60_000 });

/** More than is held of a file: it is read twice. */
const BIG = 20_000_000;
const codec = await loadCodec();

/** Packs messages of `hold`; once all is read that is read before packing, reads of one file fail or give something else. */
function pack(
  queue: string,
  ids: readonly string[],
  fault: { path: string; kind: 'fails' | 'changes' | 'none' },
): PackResult {
  const path = join(queue, fault.path);
  let described = 0;
  let isBroken = false;
  const opened = new Set<number>();
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: (name, flags, mode) => {
      const fd = nodeFileSystem.open(name, flags, mode);
      opened.delete(fd);
      if (name === path) {
        opened.add(fd);
      }
      return fd;
    },
    read: (fd, buffer, range) => {
      if (isBroken && opened.has(fd) && fault.kind === 'fails') {
        throw errnoError('EIO', 'read', path);
      }
      const count = nodeFileSystem.read(fd, buffer, range);
      if (isBroken && opened.has(fd) && fault.kind === 'changes' && count > 0) {
        buffer[range.offset] = 0xff;
      }
      return count;
    },
  };
  const accounts = {
    // The last thing that is asked of a file before it is packed: here of the first message, then of the log of the second,
    // when that message was read.
    userName: () => {
      described += 1;
      isBroken = described >= 2;
      return undefined;
    },
    groupName: () => undefined,
  };
  const items = ids.map((id) => ({
    id,
    paths: [`hold/${id}`],
    takenQueues: [],
    logQueues: ['defer' as const],
    wanted: [],
  }));
  const setup = { queueDirectory: queue, snapshotId: 'snapshot', level: 1, nowNs: 0n };
  return packBatch(setup, { fs, codec, accounts, memory: new PackMemory() }, { items, depths: spoolOf(queue).depths });
}

function packedNames({ frames }: PackResult): string[] {
  return frames
    .flatMap(({ lines }) => [...decodeDraftLines(lines)])
    .map(({ queueName, queueId }) => `${queueName}/${queueId}`);
}

/** Two small messages, and one between them that has a log; sizes as told. */
function makeQueue(sizes: { readonly message?: number; readonly log?: number }): string {
  const queue = makeQueueDirectory();
  for (const id of ['000001', '000002', '000003']) {
    put(queue, `hold/${id}`, { content: queueFile() });
  }
  put(queue, 'defer/0/000002', { content: 'recipient=bob@example.com\nreason=later\n\n', mode: 0o600 });
  if (sizes.message !== undefined) {
    truncateSync(join(queue, 'hold/000002'), sizes.message);
  }
  if (sizes.log !== undefined) {
    truncateSync(join(queue, 'defer/0/000002'), sizes.log);
  }
  return queue;
}

const IDS = ['000001', '000002', '000003'];

test('files that are too big to be held are packed like others', () => {
  const result = pack(makeQueue({ message: BIG, log: BIG }), IDS, { path: 'nothing', kind: 'none' });
  expect(packedNames(result)).toEqual(['hold/000001', 'hold/000002', 'defer/000002', 'hold/000003']);
  expect(result).toMatchObject({ done: 3, tooBig: [], unreadableLogs: [] });
});

test.each([
  ['fails', 'Input/output error (EIO)'],
  ['changes', 'it changed while it was read: it does not fit its digest'],
] as const)('a message whose second reading %s is named, and nothing of it is in a frame', (kind, reason) => {
  const result = pack(makeQueue({ message: BIG }), IDS, { path: 'hold/000002', kind });
  expect(packedNames(result)).toEqual(['hold/000001', 'hold/000003']);
  expect(result.outcomes.map(({ outcome }) => outcome.kind)).toEqual(['copied', 'unreadable', 'copied']);
  expect(result.outcomes[1]).toMatchObject({ item: 1, outcome: { queueName: 'hold', reason } });
});

test.each([
  ['fails', 'Input/output error (EIO)'],
  ['changes', 'it changed while it was read: it does not fit its digest'],
] as const)('a log whose second reading %s is named, and its message is packed without it', (kind, reason) => {
  const result = pack(makeQueue({ log: BIG }), IDS, { path: 'defer/0/000002', kind });
  expect(packedNames(result)).toEqual(['hold/000001', 'hold/000002', 'hold/000003']);
  expect(result.outcomes.map(({ outcome }) => outcome.kind)).toEqual(['copied', 'copied', 'copied']);
  expect(result.unreadableLogs).toEqual([{ queueName: 'defer', queueId: '000002', path: 'defer/0/000002', reason }]);
  const lines = result.frames.flatMap((frame) => [...decodeDraftLines(frame.lines)]);
  expect(lines.map(({ text }) => (JSON.parse(text) as { logs: string[] }).logs)).toEqual([[], [], []]);
});

test('a message and its logs that are too much for a thread together are left to the main thread', () => {
  const result = pack(makeQueue({ log: 70_000_000 }), IDS, { path: 'nothing', kind: 'none' });
  expect(packedNames(result)).toEqual(['hold/000001', 'hold/000003']);
  expect(result).toMatchObject({ done: 3, tooBig: [1] });
});
