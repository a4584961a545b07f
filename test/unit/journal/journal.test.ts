import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createJournalDigest,
  decodeJournalLine,
  encodeJournalLine,
  JOURNAL_VERSION,
  type JournalLine,
} from '../../../src/journal/journal.ts';
import { LOG_QUEUES, MESSAGE_QUEUES } from '../../../src/queue/queue-name.ts';

const queueId = fc
  .tuple(fc.nat(0xfffff), fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }))
  .map(([time, inode]) => time.toString(16).toUpperCase().padStart(5, '0') + inode.toString(16).toUpperCase());
const inode = fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn });
const staged = (kind: string) =>
  fc.tuple(fc.nat(9999), fc.nat(999_999), fc.option(fc.nat(9999))).map(([bucket, index, attempt]) => {
    return `${bucket}/${index}${attempt === null ? '' : `-${attempt}`}.${kind}`;
  });
const log = fc
  .constantFrom(...LOG_QUEUES)
  .chain((queue_name) => fc.record({ queue_name: fc.constant(queue_name), staged: staged(queue_name), inode }));
const entry = fc.record(
  {
    queue_name: fc.constantFrom(...MESSAGE_QUEUES),
    queue_id: queueId,
    fingerprint: fc.stringMatching(/^[0-9a-f]{64}$/),
    new_queue_name: fc.constantFrom(...MESSAGE_QUEUES),
    new_queue_id: queueId,
    staged: staged('message'),
    inode,
    size: fc.maxSafeNat(),
    mode: fc.constantFrom(0o700, 0o710, 0o744, 0o400),
    mtimeNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    submission: fc.stringMatching(/^[0-9a-f]{64}$/),
    owner: fc.record({ uid: fc.nat(), gid: fc.nat() }),
    logs: fc.array(log, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      'queue_name',
      'queue_id',
      'fingerprint',
      'new_queue_name',
      'new_queue_id',
      'staged',
      'inode',
      'size',
      'mode',
      'logs',
    ],
  },
);
const head = fc.record({
  journal: fc.constant(JOURNAL_VERSION),
  snapshot_id: fc.string(),
  started: fc.string(),
  staging: fc.stringMatching(/^[0-9A-Za-z-]{1,80}$/).map((run) => `${run}.staged`),
  hash_queue_names: fc.array(fc.string(), { maxLength: 4 }),
  hash_queue_depth: fc.nat(16),
});
const line: fc.Arbitrary<JournalLine> = fc.oneof(
  head.map((value) => ({ kind: 'head' as const, head: value })),
  entry.map((value) => ({ kind: 'entry' as const, entry: value })),
  fc.record({ kind: fc.constant('end' as const), messages: fc.maxSafeNat(), sha256: fc.string() }),
  fc.record({ kind: fc.constant('moved' as const), index: fc.maxSafeNat(), queueId }),
  fc.record({ kind: fc.constant('done' as const), finished: fc.string() }),
);

describe('a journal line', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(line, (written) => {
        const text = encodeJournalLine(written);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(decodeJournalLine(text.slice(0, -1))).toEqual(written);
      }),
    );
  });

  it('is none when it is cut', () => {
    fc.assert(
      fc.property(line, fc.nat(), (written, cut) => {
        const text = encodeJournalLine(written).slice(0, -1);
        expect(decodeJournalLine(text.slice(0, cut % text.length))).toBeUndefined();
      }),
    );
  });

  it('is none when it is anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeJournalLine(text)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['a staged name that leads elsewhere', { staged: '../../etc/passwd' }],
    ['a staged name that could be a queue ID', { staged: '0/A00011F' }],
    ['a queue that is none', { new_queue_name: 'flush' }],
    ['a queue of logs', { new_queue_name: 'defer' }],
    ['a queue ID that is none', { new_queue_id: '../A00011F' }],
    ['a mode with set-id', { mode: 0o4700 }],
    ['a log in a queue of messages', { logs: [{ queue_name: 'hold', staged: '0/0.defer', inode: '1' }] }],
    ['an inode that is no number', { inode: '0x10' }],
  ])('is refused with %s', (_title, change) => {
    const sound = {
      queue_name: 'hold',
      queue_id: 'A00011F',
      fingerprint: '00',
      new_queue_name: 'hold',
      new_queue_id: 'A00012F',
      staged: '0/0.message',
      inode: '47',
      size: 1,
      mode: 0o700,
      logs: [],
    };
    expect(decodeJournalLine(JSON.stringify({ kind: 'entry', entry: sound }))).toBeDefined();
    expect(decodeJournalLine(JSON.stringify({ kind: 'entry', entry: { ...sound, ...change } }))).toBeUndefined();
  });

  it.each(['../x.staged', '.staged', 'x', 'x/y.staged'])('is refused with the staging directory %s', (staging) => {
    const sound = {
      journal: 1,
      snapshot_id: '',
      started: '',
      staging: 'x.staged',
      hash_queue_names: [],
      hash_queue_depth: 1,
    };
    expect(decodeJournalLine(JSON.stringify({ kind: 'head', head: sound }))).toBeDefined();
    expect(decodeJournalLine(JSON.stringify({ kind: 'head', head: { ...sound, staging } }))).toBeUndefined();
  });
});

describe('the digest of a journal', () => {
  it('goes on after it was asked', () => {
    const [one, other] = [createJournalDigest(), createJournalDigest()];
    one.update('a\n');
    one.digest();
    one.update('b\n');
    other.update('a\nb\n');
    expect(one.digest()).toBe(other.digest());
  });
});
