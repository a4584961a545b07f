import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openArchiveFile } from '../../../src/archive/open-archive.ts';
import { backup } from '../../../src/backup/backup.ts';
import type { BackupReport } from '../../../src/backup/options.ts';
import { InterruptedError } from '../../../src/errors.ts';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { JOURNAL_VERSION } from '../../../src/journal/journal.ts';
import { CarriedJournal, JournalWriter, readSoundJournal } from '../../../src/journal/journal-file.ts';
import { MESSAGE_QUEUES, type MessageQueueName } from '../../../src/queue/queue-name.ts';
import { makeQueueDirectory, put } from '../../support/queue/queue-directory.ts';
import { queueFile } from '../../support/queue/queue-file-builder.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');

function fixture(name: string): Buffer {
  return readFileSync(join(FIXTURES, 'queue-files', name));
}

/** A queue with two messages, one of them with a log. */
function smallQueue(): string {
  const queue = makeQueueDirectory();
  put(queue, 'deferred/0/0A16F210466', { content: fixture('bounce-pending.queue') });
  put(queue, 'bounce/0A16F210466', { content: fixture('bounce-pending.bounce'), mode: 0o600 });
  put(queue, 'hold/072AE210465', { content: fixture('always-bcc.queue') });
  return queue;
}

async function linesOf(archive: string): Promise<MessageLine[]> {
  const reader = await openArchiveFile({ kind: 'file', path: archive });
  try {
    return [...reader.catalogue()].filter((line): line is MessageLine => line.kind === 'message');
  } finally {
    reader.close();
  }
}

describe('backup', () => {
  test('takes messages and logs, and says so in exactly the fields of the contract', async () => {
    const queue = smallQueue();
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const report = await backup({ archive, queueDirectory: queue, workers: 0 });
    expect(report).toEqual({
      archive,
      queue_directory: queue,
      instance: '-',
      other_instances: [],
      snapshot_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      started: expect.any(String),
      finished: expect.any(String),
      messages: 2,
      left: 0,
      logs: 1,
      incomplete: 0,
      unreadable: [],
      not_selected: 0,
      missing_ids: [],
      by_queue: {
        deferred: { messages: 1, bytes: fixture('bounce-pending.queue').length },
        hold: { messages: 1, bytes: fixture('always-bcc.queue').length },
      },
      bytes: ['bounce-pending.queue', 'bounce-pending.bounce', 'always-bcc.queue']
        .map((name) => fixture(name).length)
        .reduce((sum, size) => sum + size),
      archive_bytes: readFileSync(archive).length,
      passes: 10,
      rounds: [2, 0].map((read) => ({
        listings: 5,
        names: 2,
        read,
        vanished: 0,
        listing_ms: expect.any(Number),
        reading_ms: expect.any(Number),
        settled: true,
      })),
      settled: true,
      malformed: 0,
    });
    expect(await linesOf(archive)).toMatchObject([
      { queue_name: 'deferred', queue_id: '0A16F210466', state: 'queued', logs: ['bounce'], pending: true },
      { queue_name: 'hold', queue_id: '072AE210465', state: 'queued', logs: [], pending: false },
    ]);
  });

  test('tells of each recipient what postqueue would', async () => {
    const queue = smallQueue();
    put(queue, 'defer/0/0A16F210466', { content: fixture('bounce-pending.defer'), mode: 0o600 });
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    await backup({ archive, queueDirectory: queue, workers: 0 });
    const [line] = await linesOf(archive);
    const busy =
      'host 127.0.0.1[127.0.0.1] said: 450 4.2.1 Mailbox busy, try again later (in reply to RCPT TO command)';
    expect(line).toMatchObject({
      sender: 'alice@example.com',
      message_size: 330,
      logs: ['defer', 'bounce'],
      // done@example.org has got it.
      recipients: [
        { address: 'also-later@example.org', delay_reason: busy },
        { address: 'later@example.org', delay_reason: busy },
        {
          address: 'never@example.org',
          bounce_reason: 'host 127.0.0.1[127.0.0.1] said: 550 5.1.1 No such user (in reply to RCPT TO command)',
        },
      ],
    });
  });

  test('takes only the queues that are asked for', async () => {
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const report = await backup({ archive, queueDirectory: smallQueue(), queues: ['hold'], workers: 0 });
    expect(report.by_queue).toEqual({ hold: { messages: 1, bytes: fixture('always-bcc.queue').length } });
  });

  test('counts what is broken and what is being written, and names what it can not take', async () => {
    const queue = smallQueue();
    put(queue, 'active/000001', { content: 'no records' });
    put(queue, 'incoming/000002', { content: '', mode: 0o600 });
    put(queue, 'hold/note', { content: '' });
    mkdirSync(join(queue, 'hold', '000003'));
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const report = await backup({ archive, queueDirectory: queue, workers: 0 });
    expect(report).toMatchObject({ messages: 3, malformed: 1, incomplete: 1 });
    expect(report.unreadable).toEqual([
      { queue_name: 'hold', queue_id: '000003', reason: 'it is no regular file' },
      { queue_name: 'hold', queue_id: 'note', reason: 'the name is no queue ID' },
    ]);
  });

  test('takes whole messages that have lost their modes, and says how many', async () => {
    const queue = makeQueueDirectory();
    for (const [number, queueName] of MESSAGE_QUEUES.entries()) {
      put(queue, `${queueName}/00000${number}`, { content: fixture('always-bcc.queue'), mode: 0o644 });
    }
    // Whole, and with the mode that cleanup writes under: the bytes are the final ones.
    put(queue, 'incoming/000010', { content: fixture('always-bcc.queue'), mode: 0o600 });
    put(queue, 'incoming/000011', { content: fixture('always-bcc.queue').subarray(0, 100), mode: 0o600 });
    const warnings: string[] = [];
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const report = await backup(
      { archive, queueDirectory: queue, workers: 0 },
      { onEvent: (event) => event.kind === 'warning' && warnings.push(event.message) },
    );
    expect(report).toMatchObject({ messages: 8, incomplete: 1, unreadable: [] });
    // Of maildrop it may be a submission under way, corrupt and saved are nobody's.
    expect(warnings).toEqual([
      // All are one message, one of them in maildrop.
      expect.stringContaining('arrived in the same microsecond'),
      expect.stringContaining('4 messages are in the archive without the mode'),
    ]);
  });

  test('says how many lines of the catalogue had to be shortened', async () => {
    const queue = makeQueueDirectory();
    const size = [2n ** 60n, 300n, 1n, 0n, 2n ** 60n, 0n].map((value) => String(value).padStart(15)).join(' ');
    put(queue, 'hold/000001', { content: queueFile({ size }) });
    const warnings: string[] = [];
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const report = await backup(
      { archive, queueDirectory: queue, workers: 0 },
      { onEvent: (event) => event.kind === 'warning' && warnings.push(event.message) },
    );
    expect(report).toMatchObject({ messages: 1, unreadable: [] });
    expect(warnings).toEqual([expect.stringContaining('with a shortened line in the catalogue')]);
    expect(await linesOf(archive)).toMatchObject([{ shortened: ['message_size'] }]);
  });

  test('names a queue of logs that is missing: reasons and notices may be lost with it', async () => {
    const queue = smallQueue();
    rmSync(join(queue, 'bounce'), { recursive: true });
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const { unreadable } = await backup({ archive, queueDirectory: queue, workers: 0 });
    expect(unreadable).toEqual([
      { queue_name: 'bounce', queue_id: '', reason: 'the queue directory has no such directory' },
    ]);
  });

  test('names a queue that is missing, or is no directory', async () => {
    const queue = smallQueue();
    rmSync(join(queue, 'deferred'), { recursive: true });
    rmSync(join(queue, 'corrupt'), { recursive: true, force: true });
    rmSync(join(queue, 'maildrop'), { recursive: true });
    writeFileSync(join(queue, 'maildrop'), '');
    const take = async (queues?: readonly MessageQueueName[]): Promise<BackupReport['unreadable']> => {
      const archive = join(makeQueueDirectory(), 'a.tar.zst');
      const options = { archive, queueDirectory: queue, workers: 0 };
      return (await backup(queues === undefined ? options : { ...options, queues })).unreadable;
    };
    const reason = 'the queue directory has no such directory';
    expect(await take()).toEqual([
      { queue_name: 'maildrop', queue_id: '', reason },
      { queue_name: 'deferred', queue_id: '', reason },
    ]);
    expect(await take(['hold'])).toEqual([]);
  });

  test('says that a restore into the queue was cut off, until it is finished', async () => {
    const queue = smallQueue();
    mkdirSync(join(queue, 'postsnap', 'run.staged'), { recursive: true });
    const journal = join(queue, 'postsnap', 'run.journal');
    const paths = { journal, nextDraft: () => join(queue, 'postsnap', 'run.staged', '1.draft') };
    const told = { snapshotId: 'x', into: 'queues', archive: '-', started: '2026-01-01T00:00:00.000Z' };
    const head = { journal: JOURNAL_VERSION, ...told } as const;
    const layout = { staging: 'run.staged', hashQueueNames: [], hashQueueDepth: 1 };
    new JournalWriter(nodeFileSystem, paths, { ...head, ...layout }).seal();
    const take = async (name: string): Promise<[BackupReport['unreadable'], string[]]> => {
      const warnings: string[] = [];
      const { unreadable } = await backup(
        { archive: join(makeQueueDirectory(), name), queueDirectory: queue, workers: 0 },
        { onEvent: (event) => warnings.push(...(event.kind === 'warning' ? [event.message] : [])) },
      );
      return [unreadable, warnings];
    };
    expect(await take('a.tar.zst')).toEqual([
      [{ queue_name: 'postsnap', queue_id: 'run.journal', reason: expect.stringContaining('cut off') }],
      [expect.stringContaining(`run it again, then take another backup (${journal})`)],
    ]);
    new CarriedJournal(nodeFileSystem, journal, readSoundJournal(nodeFileSystem, journal)).finish('now');
    expect(await take('b.tar.zst')).toEqual([[], []]);
  });

  test('keeps two messages of one name in one queue apart', async () => {
    const queue = smallQueue();
    put(queue, 'deferred/0A16F210466', { content: fixture('attachment.queue') });
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    await backup({ archive, queueDirectory: queue, workers: 0 });
    const names = (await linesOf(archive)).map((line) => `${line.queue_name}/${line.queue_id}`);
    expect(names.sort()).toEqual(['deferred/0A16F210466', 'hold/072AE210465', 'incoming/0A16F210466']);
  });

  test('writes into no file that exists, and leaves nothing when it fails', async () => {
    const directory = makeQueueDirectory();
    const archive = join(directory, 'a.tar.zst');
    writeFileSync(archive, 'mine');
    const before = readdirSync(directory);
    await expect(backup({ archive, queueDirectory: smallQueue(), workers: 0 })).rejects.toMatchObject({
      code: 'output-exists',
    });
    expect(readFileSync(archive, 'utf8')).toBe('mine');
    rmSync(archive);
    const aborted = AbortSignal.abort();
    await expect(
      backup({ archive, queueDirectory: smallQueue(), workers: 0 }, { signal: aborted }),
    ).rejects.toBeInstanceOf(InterruptedError);
    expect(existsSync(archive)).toBe(false);
    expect(readdirSync(directory)).toEqual(before.filter((name) => name !== 'a.tar.zst'));
  });

  test('is interrupted also where there is nothing to read', async () => {
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const options = { archive, queueDirectory: makeQueueDirectory(), workers: 0 };
    await expect(backup(options, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(InterruptedError);
    expect(existsSync(archive)).toBe(false);
  });

  test('refuses a directory that is no queue', async () => {
    const queue = makeQueueDirectory();
    for (const name of readdirSync(queue)) {
      rmSync(join(queue, name), { recursive: true });
    }
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    await expect(backup({ archive, queueDirectory: queue, workers: 0 })).rejects.toMatchObject({ code: 'not-found' });
    expect(existsSync(archive)).toBe(false);
  });

  test('takes a part of a queue, also without incoming, and names what it lacks', async () => {
    const queue = makeQueueDirectory();
    rmSync(join(queue, 'incoming'), { recursive: true });
    const archive = join(makeQueueDirectory(), 'a.tar.zst');
    const report = await backup({ archive, queueDirectory: queue, workers: 0 });
    expect(report.unreadable).toMatchObject([{ queue_name: 'incoming', queue_id: '' }]);
  });

  test('changes nothing in the queue', async () => {
    const queue = smallQueue();
    const look = (): string[] =>
      readdirSync(queue, { recursive: true, encoding: 'utf8' }).map((name) => {
        const { mode, uid, size, ino, mtimeNs, ctimeNs } = statSync(join(queue, name), { bigint: true });
        return [name, mode, uid, size, ino, mtimeNs, ctimeNs].join(' ');
      });
    const before = look();
    await backup({ archive: join(makeQueueDirectory(), 'a.tar.zst'), queueDirectory: queue, workers: 0 });
    expect(look()).toEqual(before);
  });
});
