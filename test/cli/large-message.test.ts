import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { ENVELOPE, queueFile } from '../support/queue/queue-file-builder.ts';
import {
  logsIn,
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** More than a worker holds: the main thread writes such a message as it reads. */
const LARGE = 68 * 1024 * 1024;
/** Before those of the sample queue in one place, behind them in the other. */
const LARGE_IDS = ['0000112345', 'FFFFF12345'];

let scratch: string;
let source: string;
let archive: string;
beforeAll(() => {
  scratch = scratchDirectory();
  source = makeSampleQueue(join(scratch, 'source'));
  archive = join(scratch, 'queue.tar.zst');
  const line = 'A line of a message that compresses well. '.repeat(23);
  const content = Array.from({ length: Math.ceil(LARGE / line.length) }, () => ['N', line] as const);
  // One recipient has got it, the other has not.
  const file = queueFile({ envelope: [...ENVELOPE, ['D', 'done@example.com']], content });
  expect(file.length).toBeGreaterThan(LARGE);
  for (const id of LARGE_IDS) {
    for (const [queue, bytes, mode] of [
      ['defer', `<bob@example.com>: ${id} is too large\n`, 0o600],
      ['deferred', file, 0o700],
    ] as const) {
      mkdirSync(join(source, queue, id.charAt(0)), { recursive: true, mode: 0o700 });
      writeFileSync(join(source, queue, id.charAt(0), id), bytes, { mode });
    }
    // Each a message of its own.
    file.write(`1700000000 65432${LARGE_IDS.indexOf(id)}`, file.indexOf('1700000000 '), 'latin1');
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function digests(paths: readonly string[]): string[] {
  return paths.map((path) => createHash('sha256').update(readFileSync(path)).digest('hex')).sort();
}

test.each([0, 2])('messages above 64 MiB come back as they were, with their logs, by %d threads', (workers) => {
  rmSync(archive, { force: true });
  const threads = ['--workers', String(workers)];
  const backup = postsnap(['backup', '-j', '--verify', ...threads, ...queueOptions(source), archive]);
  expect([backup.status, backup.stderr]).toEqual([0, '']);
  expect(JSON.parse(backup.stdout)).toMatchObject({ messages: messagesIn(source).length, malformed: 0 });
  expect(statSync(archive).size).toBeLessThan(LARGE / 100);

  const target = makeEmptyQueue(join(scratch, `target-${workers}`));
  const map = join(scratch, `map-${workers}`);
  const restore = postsnap(['restore', ...threads, '--map', map, ...queueOptions(target), archive]);
  expect([restore.status, restore.stderr]).toEqual([0, '']);
  expect(digests(messagesIn(target).map(({ path }) => path))).toEqual(
    digests(messagesIn(source).map(({ path }) => path)),
  );
  for (const id of LARGE_IDS) {
    const line = readFileSync(map, 'utf8').match(`"queue_id":"${id}".*"new_queue_id":"([0-9A-F]+)"`);
    const log = logsIn(target).find(({ queueId }) => queueId === line?.[1]);
    expect(readFileSync(log?.path ?? '', 'utf8')).toContain(`${id} is too large`);
  }
  rmSync(target, { recursive: true });
});

test('and one of them can be had alone', () => {
  const { status, bytes } = postsnap(['cat', archive, LARGE_IDS[1] ?? '']);
  const path = join(source, 'deferred/F', LARGE_IDS[1] ?? '');
  expect([status, bytes.equals(readFileSync(path))]).toEqual([0, true]);
});
