import { beforeAll, describe, expect, test } from 'vitest';
import type { FileWithContent } from '../../../src/archive/frame-packer.ts';
import type { Codec } from '../../../src/archive/zstd/codec.ts';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import type { MessageDraft } from '../../../src/format/catalogue-line.ts';
import { type Difference, diff } from '../../../src/inspect/diff.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import { messageFile, noise, queueId, writeArchive } from '../../support/archive/sample-archive.ts';

let codec: Codec;
beforeAll(async () => {
  codec = await loadCodec();
});

/** A message of which the content, and so the fingerprint, is that of `number`. */
function message(
  number: number,
  queue: MessageQueueName = 'deferred',
  changes: Partial<MessageDraft> = {},
): FileWithContent {
  const file = messageFile(queue, { number, content: noise(100, number) });
  return file.draft.kind === 'message' ? { ...file, draft: { ...file.draft, ...changes } } : file;
}

async function differences(
  left: readonly FileWithContent[],
  right: readonly FileWithContent[],
  gone: readonly number[] = [],
) {
  const write = (files: readonly FileWithContent[]) =>
    writeArchive({
      codec,
      groups: files.map((file) => [file]),
      stateOf: (_, index) => (gone.includes(index) ? 'left' : 'queued'),
    }).path;
  const found: Difference[] = [];
  const report = await diff({
    left: write(left),
    right: write(right),
    onDifference: (difference) => found.push(difference),
  });
  const short = found.map((difference) => [
    difference.change,
    difference.left?.queue_id ?? null,
    difference.right?.queue_id ?? null,
    difference.change === 'changed' ? difference.changes.map(({ code }) => code) : [],
  ]);
  return { report, short };
}

describe('two archives', () => {
  test('that hold the same, in any order, are the same', async () => {
    const { report, short } = await differences(
      [message(1), message(2), message(3)],
      [message(3), message(1), message(2)],
    );
    expect(report).toEqual({ same: 3, changed: 0, only_left: 0, only_right: 0 });
    expect(short).toEqual([]);
  });

  test('each difference is told once', async () => {
    const { report, short } = await differences(
      [message(1), message(2), message(3)],
      [message(2, 'hold'), message(3), message(4)],
    );
    expect(report).toEqual({ same: 1, changed: 1, only_left: 1, only_right: 1 });
    expect(short).toEqual([
      ['changed', queueId(2), queueId(2), ['moved']],
      ['only_left', queueId(1), null, []],
      ['only_right', null, queueId(4), []],
    ]);
  });

  test('what left during a snapshot is in neither', async () => {
    expect((await differences([message(1), message(2)], [message(1), message(2)], [1])).report).toEqual({
      same: 1,
      changed: 0,
      only_left: 0,
      only_right: 0,
    });
  });

  test('mail that went through pickup is known by its lineage, in both directions', async () => {
    const submission = 'e'.repeat(64);
    const submitted = message(1, 'maildrop', { submission, origin: null });
    const taken = message(2, 'incoming', { submission: 'd'.repeat(64), origin: submission });
    const sent = await differences([submitted], [taken]);
    expect(sent.short).toEqual([['changed', queueId(1), queueId(2), ['moved', 'renamed', 'rewritten']]]);
    expect((await differences([taken], [submitted])).report).toMatchObject({ changed: 1, only_left: 0, only_right: 0 });
    const stranger = message(2, 'incoming', { submission: 'd'.repeat(64), origin: 'c'.repeat(64) });
    expect((await differences([submitted], [stranger])).report).toMatchObject({ only_left: 1, only_right: 1 });
  });

  test('a submission is the counterpart of one message, and not of one that is the same as another', async () => {
    const submission = 'e'.repeat(64);
    const taken = message(2, 'incoming', { submission, origin: submission });
    const { report } = await differences([message(1, 'maildrop', { submission, origin: null }), taken], [taken]);
    expect(report).toEqual({ same: 1, changed: 0, only_left: 1, only_right: 0 });
  });

  test('of copies of one message each has one counterpart: that of its name', async () => {
    const fingerprint = 'f'.repeat(64);
    const copies = [1, 2, 3].map((number) =>
      message(number, 'deferred', { fingerprint, sha256: message(number).draft.sha256 }),
    );
    expect((await differences(copies, [...copies].reverse())).report).toMatchObject({ same: 3, changed: 0 });
    expect((await differences(copies, copies.slice(1))).short).toEqual([['only_left', queueId(1), null, []]]);
    expect((await differences(copies.slice(1), copies)).short).toEqual([['only_right', null, queueId(1), []]]);
  });

  test('a catalogue that gives every message one fingerprint costs no more than another', async () => {
    const many = Array.from({ length: 3000 }, (_, number) =>
      message(number, 'deferred', { fingerprint: 'f'.repeat(64) }),
    );
    const start = performance.now();
    const { report } = await differences(many, [...many].reverse());
    expect(report.only_left + report.only_right).toBe(0);
    expect(performance.now() - start).toBeLessThan(20_000);
  }, 30_000);
});
