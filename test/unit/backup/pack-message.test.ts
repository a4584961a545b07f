/** What is taken of a message that is open, and why it is not taken. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type PackableMessage,
  type PackOptions,
  readPackable,
  type Unpackable,
} from '../../../src/backup/pack-message.ts';
import { readMessage } from '../../../src/spool/read-message.ts';
import { makeQueueDirectory, put, spoolOf } from '../../support/queue/queue-directory.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';

const ID = '4D9195D7C3';
const CONTENT = queueFile();
const LOG = 'recipient=bob@example.com\nreason=later\n\n';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

interface Read {
  readonly taken: PackableMessage | Unpackable | undefined;
  readonly issues: readonly string[];
}

/** Packs what stands at a place, with the log that it may have. */
function pack(
  place: string,
  { content = CONTENT, mode = 0o700, log = '' }: { content?: Uint8Array; mode?: number; log?: string } = {},
  changes: Partial<PackOptions> = {},
): Read {
  const queue = makeQueueDirectory();
  const path = `${place}/${ID}`;
  put(queue, path, { content, mode });
  if (log !== '') {
    put(queue, `defer/4/${ID}`, { content: log, mode: 0o600 });
  }
  const [reading] = readMessage(
    spoolOf(queue),
    { id: ID, paths: [path] },
    {
      nowNs: BigInt(Date.now()) * 1_000_000n,
      takesUnfinished: true,
      take: (message) =>
        readPackable(message, {
          accounts: { userName: () => 'postfix', groupName: () => undefined },
          takenQueues: [],
          hasLogs: true,
          sizeMaximum: 1_000_000,
          ...changes,
        }),
    },
  );
  return reading?.kind === 'read'
    ? { taken: reading.value, issues: reading.logIssues.map(({ reason }) => reason) }
    : { taken: undefined, issues: [] };
}

const kindOf = (...given: Parameters<typeof pack>): string | undefined => pack(...given).taken?.kind;

describe('a message', () => {
  it('is taken byte by byte, with its log, and all that it is known by', () => {
    const { taken, issues } = pack('deferred/4', { log: LOG });
    expect(taken).toMatchObject({
      kind: 'packable',
      hasLostMode: false,
      identity: { queueName: 'deferred', size: CONTENT.length, arrival: 1_700_000_000_123_456, isFinished: true },
      copy: {
        queueName: 'deferred',
        depth: 1,
        metadata: { mode: 0o700, uname: 'postfix', size: CONTENT.length, sha256: sha256(CONTENT) },
        logs: [{ queueName: 'defer', depth: 1, metadata: { size: LOG.length, sha256: sha256(LOG) } }],
      },
    });
    expect(issues).toEqual([]);
  });

  it('is taken with the same log also where that is too big to be held', () => {
    const { taken } = pack('deferred/4', { log: LOG }, { wholeFileMaximum: LOG.length - 1 });
    expect(taken).toMatchObject({ copy: { logs: [{ metadata: { size: LOG.length, sha256: sha256(LOG) } }] } });
  });

  it('is taken without logs where another file of its ID has them', () => {
    expect(pack('deferred/4', { log: LOG }, { hasLogs: false }).taken).toMatchObject({ copy: { logs: [] } });
  });

  it('has a lost mode where Postfix passes over it', () => {
    expect(pack('deferred/4', { mode: 0o600 }).taken).toMatchObject({ kind: 'packable', hasLostMode: true });
  });
});

describe('a name that the archive has already', () => {
  it.each([
    ['deferred/4', ['deferred'], 'incoming'],
    ['deferred/4', ['deferred', 'incoming'], 'active'],
    ['incoming', ['deferred'], 'incoming'],
  ] as const)('%s beside %s is taken as %s', (place, takenQueues, queueName) => {
    expect(pack(place, {}, { takenQueues: [...takenQueues] }).taken).toMatchObject({ copy: { queueName } });
  });

  it.each([
    ['hold', ['hold']],
    ['deferred/4', ['deferred', 'incoming', 'active']],
  ] as const)('%s beside %s has no other', (place, takenQueues) => {
    expect(kindOf(place, {}, { takenQueues: [...takenQueues] })).toBe('name taken');
  });
});

describe('what is not taken now', () => {
  const cut = CONTENT.subarray(0, CONTENT.length - 3);

  it('is still being written by its mode, age and records', () => {
    expect(kindOf('incoming', { content: cut, mode: 0o600 })).toBe('unfinished');
    expect(kindOf('incoming', { content: CONTENT, mode: 0o600 })).toBe('packable');
    expect(kindOf('incoming', { content: cut })).toBe('packable');
  });

  it('is too big with its log, and not without', () => {
    const sizeMaximum = CONTENT.length + LOG.length - 1;
    expect(kindOf('deferred/4', { log: LOG }, { sizeMaximum })).toBe('too big');
    expect(kindOf('deferred/4', { log: LOG }, { sizeMaximum: sizeMaximum + 1 })).toBe('packable');
    expect(kindOf('deferred/4', {}, { sizeMaximum })).toBe('packable');
    expect(kindOf('deferred/4', {}, { sizeMaximum: CONTENT.length - 1 })).toBe('too big');
  });
});
