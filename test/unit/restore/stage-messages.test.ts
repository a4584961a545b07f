/** What belongs to one message is put together, wherever it stands in the runs of frames, and is told as one entry. */

import { describe, expect, it } from 'vitest';
import type { CatalogueLine, LogLine, MessageLine } from '../../../src/format/catalogue-line.ts';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import { OLDEST_STAGED_NS } from '../../../src/journal/staged-file.ts';
import { omit } from '../../../src/plan/decide.ts';
import type { Decision } from '../../../src/plan/decision.ts';
import type { MessageMapping } from '../../../src/restore/options.ts';
import type { StageJob, StageOutcome } from '../../../src/restore/stage-job.ts';
import { type StageMessagesOptions, stageMessages } from '../../../src/restore/stage-messages.ts';
import { Tally } from '../../../src/restore/tally.ts';
import { frameRun } from '../../support/archive/archived-file.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { plannedMessage } from '../../support/plan/planned.ts';

const INODE = 0x21bn;
const NOW_NS = 1_700_000_100_000_000_000n;

function logLine(changes: Partial<LogLine> = {}): LogLine {
  return {
    kind: 'log',
    queue_name: 'defer',
    queue_id: '4F1A21B',
    frame: 1,
    file_size: 5,
    sha256: 'd'.repeat(64),
    mode: 0o600,
    uid: 100,
    mtime: '1700000000000000000',
    ...changes,
  };
}

interface StageChanges extends Partial<Omit<StageMessagesOptions, 'stagingDirectory' | 'decide'>> {
  /** Of a message; a log is never asked for. */
  readonly decide?: (message: MessageLine) => Decision;
  readonly isTrial?: boolean;
}

/** Stages everything that is wanted, but what a test says otherwise of, by its name in the archive. */
async function stageAll(
  runs: readonly (readonly CatalogueLine[])[],
  { isTrial = false, decide = (message) => plannedMessage({ message }), ...changes }: StageChanges = {},
  outcomes: Readonly<Record<string, StageOutcome>> = {},
) {
  const entries: JournalEntry[] = [];
  const mappings: MessageMapping[] = [];
  const jobs: StageJob[] = [];
  async function* ordered(given: Iterable<StageJob> | AsyncIterable<StageJob>) {
    for await (const job of given) {
      jobs.push(job);
      yield job.items.map((item, at): StageOutcome => {
        const line = job.run.lines[at];
        const staged = item === undefined ? undefined : `0/${item.index}.${item.kind}`;
        return (
          outcomes[`${line?.queue_name}/${line?.queue_id}`] ??
          (staged === undefined ? { kind: 'unwanted' } : { kind: 'staged', file: { staged, inode: INODE, size: 5 } })
        );
      });
    }
  }
  const messages = await stageMessages({
    runs: runs.map((lines) => frameRun(lines)),
    pool: { ordered },
    decide: (line) => (line.kind === 'message' ? decide(line) : undefined),
    tally: new Tally(
      (mapping) => void mappings.push(mapping),
      () => [],
    ),
    ...(isTrial ? {} : { stagingDirectory: '/queue/postsnap/r.staged' }),
    nowNs: NOW_NS,
    enableLongQueueIds: false,
    isTaken: () => false,
    ownerOf: () => undefined,
    turnOf: () => ({}),
    onEntry: (entry) => void entries.push(entry),
    ...changes,
  });
  return { messages, entries, mappings, jobs };
}

describe('a message', () => {
  it('has its logs in its entry, also those that come with the next frames', async () => {
    const trace = logLine({ queue_name: 'trace', sha256: 'e'.repeat(64) });
    const next = messageLine({ queue_id: '4F1A21C', fingerprint: '1'.repeat(64) });
    const { messages, entries } = await stageAll([
      [messageLine(), logLine()],
      [trace, next],
    ]);
    expect(messages).toBe(2);
    expect(entries.map(({ queueId, from, logs }) => [queueId, from, logs])).toEqual([
      [
        '4F1A21B',
        '0/0.message',
        [
          { queueName: 'defer', from: '0/0.defer', size: 5, sha256: 'd'.repeat(64) },
          { queueName: 'trace', from: '0/0.trace', size: 5, sha256: 'e'.repeat(64) },
        ],
      ],
      ['4F1A21C', '0/1.message', []],
    ]);
  });

  it('gets an ID of its new inode that is not taken, and keeps what it is known by', async () => {
    const taken = new Set<string>();
    const isTaken = (queueId: string): boolean => {
      taken.add(queueId);
      return taken.size === 1;
    };
    const { entries } = await stageAll([[messageLine()]], { isTaken });
    expect(entries[0]).toMatchObject({
      inode: INODE,
      size: 5,
      sha256: 'a'.repeat(64),
      fingerprint: 'b'.repeat(64),
      submission: 'c'.repeat(64),
      // Of its sender what no rewriting changes.
      sender: 'sender',
      newQueueName: 'deferred',
      mode: 0o700,
    });
    const [first] = taken;
    expect([...taken].at(-1)).toBe(entries[0]?.newQueueId);
    expect(entries[0]?.newQueueId).not.toBe(first);
    expect(entries[0]?.newQueueId.endsWith('21B')).toBe(true);
  });

  it('notes its archived time where the staged file could not have it', async () => {
    const old = NOW_NS - OLDEST_STAGED_NS - 1n;
    const young = messageLine({ mtime: String(NOW_NS - 1n), queue_id: '4F1A21C' });
    const { entries } = await stageAll([[messageLine({ mtime: String(old) }), young]]);
    expect(entries.map(({ times }) => times)).toEqual([
      { stagedNs: NOW_NS - OLDEST_STAGED_NS, mtimeNs: old },
      undefined,
    ]);
  });

  it('that is not wanted is told, and nothing of it is staged', async () => {
    const wanted = messageLine({ queue_id: '4F1A21C' });
    const lines = [messageLine(), logLine(), wanted];
    const { messages, entries, mappings, jobs } = await stageAll([lines], {
      decide: (message) =>
        message.queue_id === '4F1A21C' ? plannedMessage({ message }) : omit(message, 'left', { code: 'left-source' }),
    });
    expect([messages, entries.map(({ from }) => from)]).toEqual([1, ['0/0.message']]);
    expect(mappings.map(({ queue_id, action }) => [queue_id, action])).toEqual([['4F1A21B', 'left']]);
    expect(jobs[0]?.items.map((item) => item?.index)).toEqual([undefined, undefined, 0]);
  });

  it('without its logs is staged without them', async () => {
    const decide = (message: MessageLine) => plannedMessage({ message, withLogs: false });
    const { entries, jobs } = await stageAll([[messageLine(), logLine()]], { decide });
    expect([entries[0]?.logs, jobs[0]?.items[1]]).toEqual([[], undefined]);
  });

  it('whose records Postfix would choke on is told, and the others are staged', async () => {
    const next = messageLine({ queue_id: '4F1A21C' });
    const { messages, entries, mappings } = await stageAll(
      [[messageLine(), logLine(), next]],
      {},
      {
        'deferred/4F1A21B': { kind: 'malformed', faults: ['it has no end'] },
      },
    );
    expect([messages, entries.map(({ queueId }) => queueId)]).toEqual([1, ['4F1A21C']]);
    expect(mappings).toMatchObject([
      { queue_id: '4F1A21B', action: 'failed', reason: { code: 'malformed-records', faults: ['it has no end'] } },
    ]);
  });
});

describe('nothing more is told, and the name is, if the archive is damaged', () => {
  const damaged: StageOutcome = { kind: 'damaged', reason: 'the content does not fit its digest' };
  it.each([
    ['at a message', 'deferred/4F1A21B', 'at deferred/4F1A21B: the content does not fit its digest'],
    ['at a log', 'defer/4F1A21B', 'at deferred/4F1A21B: its defer log: the content does not fit its digest'],
    ['at what is not wanted', 'hold/4F1A21D', 'at hold/4F1A21D: the content does not fit its digest'],
  ])('%s', async (_, name, words) => {
    const unwanted = messageLine({ queue_name: 'hold', queue_id: '4F1A21D' });
    const staging = stageAll(
      [[messageLine(), logLine(), unwanted]],
      {
        decide: (message) =>
          message === unwanted ? omit(message, 'left', { code: 'left-source' }) : plannedMessage({ message }),
      },
      { [name]: damaged },
    );
    await expect(staging).rejects.toMatchObject({
      code: 'damaged',
      message: `the archive is damaged ${words}. Nothing was put into the queue.`,
      remedy: 'salvage',
    });
  });
});

it('for trial tells what would be restored, and makes no entry', async () => {
  const { messages, entries, mappings } = await stageAll([[messageLine()]], { isTrial: true });
  expect([messages, entries]).toEqual([1, []]);
  expect(mappings).toMatchObject([{ queue_id: '4F1A21B', action: 'restored', new_queue_id: null }]);
});

it('restores nothing of an archive that names what is no queue file', async () => {
  const staging = stageAll([[messageLine({ queue_id: '../passwd' })]]);
  await expect(staging).rejects.toMatchObject({ code: 'hostile', message: expect.stringContaining('../passwd') });
});
