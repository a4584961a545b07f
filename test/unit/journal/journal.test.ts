import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeJournalLine,
  encodeJournalLine,
  JOURNAL_VERSION,
  JournalDigest,
  type JournalLine,
} from '../../../src/journal/journal.ts';
import { LOG_QUEUES, MESSAGE_QUEUES } from '../../../src/queue/queue-name.ts';

const queueId = fc
  .tuple(fc.nat(0xfffff), fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }))
  .map(([time, inode]) => time.toString(16).toUpperCase().padStart(5, '0') + inode.toString(16).toUpperCase());
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const inode = fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn });
const from = (kind: string) =>
  fc.tuple(fc.nat(9999), fc.nat(999_999), fc.option(fc.nat(9999))).map(([bucket, index, attempt]) => {
    return `postsnap/run.staged/${bucket}/${index}${attempt === null ? '' : `-${attempt}`}.${kind}`;
  });
const log = fc
  .constantFrom(...LOG_QUEUES)
  .chain((queueName) =>
    fc.record({ queueName: fc.constant(queueName), from: from(queueName), size: fc.maxSafeNat(), sha256: digest }),
  );
const time = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
const anyEntry = fc.record(
  {
    queueName: fc.constantFrom(...MESSAGE_QUEUES),
    queueId,
    fingerprint: fc.stringMatching(/^[0-9a-f]{64}$/),
    newQueueName: fc.constantFrom(...MESSAGE_QUEUES),
    newQueueId: queueId,
    from: from('message'),
    sha256: digest,
    inode,
    size: fc.maxSafeNat(),
    mode: fc.constantFrom(0o700, 0o710, 0o744, 0o400),
    times: fc.record({ stagedNs: time, mtimeNs: time }),
    submission: fc.stringMatching(/^[0-9a-f]{64}$/),
    origin: fc.option(digest),
    sender: fc.string(),
    arrival: fc.integer(),
    domain: fc.string(),
    owner: fc.record({ uid: fc.nat(), gid: fc.nat() }),
    logs: fc.array(log, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      'queueName',
      'queueId',
      'fingerprint',
      'newQueueName',
      'newQueueId',
      'from',
      'sha256',
      'inode',
      'size',
      'mode',
      'logs',
    ],
  },
);
/** Most messages are their own fingerprint. */
const entry = fc.oneof(
  anyEntry,
  anyEntry.map((one) => ({ ...one, sha256: one.fingerprint })),
);
const move = fc.record({ queueName: fc.constantFrom(...MESSAGE_QUEUES), queueId, inode });
const head = fc.record({
  journal: fc.constant(JOURNAL_VERSION),
  snapshotId: fc.string(),
  into: fc.string(),
  archive: fc.string(),
  started: fc.string(),
  staging: fc.stringMatching(/^[0-9A-Za-z-]{1,80}$/).map((run) => `${run}.staged`),
  hashQueueNames: fc.array(fc.string(), { maxLength: 4 }),
  hashQueueDepth: fc.nat(16),
});
const line: fc.Arbitrary<JournalLine> = fc.oneof(
  head.map((value) => ({ kind: 'head' as const, head: value })),
  entry.map((value) => ({ kind: 'entry' as const, entry: value })),
  fc.record({ kind: fc.constant('end' as const), messages: fc.maxSafeNat(), sha256: fc.string() }),
  fc.record({ kind: fc.constant('moved' as const), index: fc.maxSafeNat(), to: move }),
  fc.record({ kind: fc.constant('done' as const), finished: fc.string() }),
);

const SHA = '0'.repeat(64);

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
    ['a place that leads elsewhere', { from: '../../etc/passwd' }],
    ['a place that leads elsewhere on its way', { from: 'postsnap/../../x' }],
    ['a place that is a directory of its own', { from: 'postsnap/./x' }],
    ['a place that is not below', { from: '/etc/passwd' }],
    ['a place with an empty name in it', { from: 'postsnap//x' }],
    ['no place', { from: '' }],
    ['a digest that is none', { sha256: 'xyz' }],
    ['a fingerprint that is none', { fingerprint: '00' }],
    ['a queue that is none', { new_queue_name: 'flush' }],
    ['a queue of logs', { new_queue_name: 'defer' }],
    ['a queue ID that is none', { new_queue_id: '../A00011F' }],
    ['a mode with set-id', { mode: 0o4700 }],
    ['a log in a queue of messages', { logs: [{ queue_name: 'hold', from: '0/0.defer', size: 1, sha256: SHA }] }],
    ['an inode that is no number', { inode: '0x10' }],
  ])('is refused with %s', (_title, change) => {
    const sound = {
      queue_name: 'hold',
      queue_id: 'A00011F',
      fingerprint: SHA,
      new_queue_name: 'hold',
      new_queue_id: 'A00012F',
      from: 'postsnap/x.staged/0/0.message',
      sha256: SHA,
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
      journal: JOURNAL_VERSION,
      snapshot_id: '',
      into: 'queues',
      archive: '-',
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
    const [one, other] = [new JournalDigest(), new JournalDigest()];
    one.update('a\n');
    one.digest();
    one.update('b\n');
    other.update('a\nb\n');
    expect(one.digest()).toBe(other.digest());
  });
});
