import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LogCopy } from '../../../src/archive/message-copy.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { HeldLogs } from '../../../src/import/held-logs.ts';
import { noise, sha256, temporaryDirectory } from '../../support/archive/sample-archive.ts';

function log(queueName: LogCopy['queueName'], number: number): LogCopy {
  const content = Buffer.from(noise(number % 5000, number));
  const mtimeNs = 1_700_000_000_123_456_789n + BigInt(number);
  return {
    queueName,
    depth: number % 3,
    metadata: {
      mode: 0o600,
      uid: 1,
      gid: 2,
      mtimeNs,
      atimeNs: mtimeNs,
      inode: 0n,
      sha256: sha256(content),
      size: content.length,
    },
    content,
  };
}

test('gives back the logs of each ID as they were, the last where one was given twice', () => {
  const fd = openSync(join(temporaryDirectory(), 'logs'), 'wx+');
  onTestFinished(() => closeSync(fd));
  const logs = new HeldLogs(nodeFileSystem, fd);
  for (let id = 0; id < 3000; id += 1) {
    logs.add(id, log('trace', id));
    logs.add(id, log('defer', id + 1));
  }
  expect(logs.add(7, log('defer', 99))).toBe(true);
  expect(logs.logsOf(7)).toEqual([log('defer', 99), log('trace', 7)]);
  for (const id of [0, 1, 1023, 1024, 2999]) {
    expect(logs.logsOf(id)).toEqual([log('defer', id + 1), log('trace', id)]);
  }
  expect(logs.logsOf(5000)).toEqual([]);
});
