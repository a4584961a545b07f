import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { parseLayout } from '../../../src/queue/layout.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { requeuedIn } from '../../../src/restore/requeued.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { makeSampleQueue } from '../../support/queue/sample-queue.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postsnap-requeued-'));
let find: ReturnType<typeof requeuedIn>;
let queueId = '';
let arrival: { arrival_time: number; arrival_microseconds: number };

beforeAll(() => {
  const queueDirectory = makeSampleQueue(join(scratch, 'queue'));
  const layout = parseLayout('deferred, defer', 1);
  find = requeuedIn({ fs: nodeFileSystem, configuration: { queueDirectory, layout } });
  [queueId = ''] = readdirSync(join(queueDirectory, 'hold'));
  const { envelope } = examineQueueFile(bytesSource(readFileSync(join(queueDirectory, 'hold', queueId))), 'hold');
  const { seconds = 0, microseconds = 0 } = envelope.arrival ?? {};
  arrival = { arrival_time: seconds, arrival_microseconds: microseconds };
  expect(microseconds).toBeGreaterThan(0);
});

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

describe('a message that went on under another ID', () => {
  it('is found by its arrival', () => {
    expect(find(messageLine(arrival), queueId)).toEqual({ queueName: 'hold', queueId });
  });

  it.each([
    ['another second', { arrival_time: 1 }],
    ['another microsecond', { arrival_microseconds: 1 }],
    ['its arrival told in seconds only', { arrival_microseconds: undefined }],
  ])('is not taken for one of %s', (_, changes) => {
    expect(find(messageLine({ ...arrival, ...changes }), queueId)).toBeUndefined();
  });

  it('is not looked for under its own ID, nor under what is none or is gone', () => {
    expect(find(messageLine({ ...arrival, queue_id: queueId }), queueId)).toBeUndefined();
    expect(find(messageLine(arrival), '../hold')).toBeUndefined();
    expect(find(messageLine(arrival), 'ABCDE12345')).toBeUndefined();
  });
});
