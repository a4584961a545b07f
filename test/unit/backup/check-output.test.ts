import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refuseWithinQueue } from '../../../src/backup/check-output.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';

let scratch: string;
let queue: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'postsnap-output-'));
  chmodSync(scratch, 0o755);
  queue = join(scratch, 'queue');
  mkdirSync(join(queue, 'deferred/A'), { recursive: true });
  mkdirSync(join(scratch, 'queue-archives'));
  symlinkSync(join(queue, 'deferred'), join(scratch, 'link'));
  symlinkSync(queue, join(scratch, 'named-otherwise'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const refuse =
  (path: string, directory = queue) =>
  () =>
    refuseWithinQueue(nodeFileSystem, { kind: 'file', path: join(scratch, path) }, directory);

test.each(['queue/a', 'queue/deferred/a', 'queue/deferred/A/a', 'link/a', 'link/A/a', 'named-otherwise/hold/../a'])(
  'refuses %s',
  (path) => {
    expect(refuse(path)).toThrow(expect.objectContaining({ code: 'output-exists' }));
  },
);

test('refuses it whatever the queue directory is called', () => {
  expect(refuse('queue/a', join(scratch, 'named-otherwise'))).toThrow('no archive is written');
});

test.each(['a', 'queue-archives/a', 'missing/a'])('takes %s', (path) => {
  expect(refuse(path)).not.toThrow();
});

test('refuses a store in the queue, and takes a stream', () => {
  const draft = { kind: 'draft', fd: 9, directory: join(queue, 'hold'), path: 'x' } as const;
  mkdirSync(draft.directory);
  expect(() => refuseWithinQueue(nodeFileSystem, draft, queue)).toThrow('no archive is written');
  expect(() => refuseWithinQueue(nodeFileSystem, { kind: 'stream' }, queue)).not.toThrow();
});
