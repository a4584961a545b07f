import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { logsIn, makeEmptyQueue, messagesIn, type QueueFile, queueOptions } from '../support/queue/sample-queue.ts';

const { scratch, source, archive } = backedUpQueue();
let messages: QueueFile[];
beforeAll(() => {
  messages = messagesIn(source);
});

function lines(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('backup', () => {
  test('leaves one file that only its owner may read', () => {
    expect(statSync(archive).mode & 0o777).toBe(0o600);
  });

  test('tells a person what was taken, and what to do next', () => {
    const target = join(scratch, 'told.tar.zst');
    const { status, stdout, stderr } = postsnap(['backup', ...queueOptions(source), '--verify', target]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Snapshot of ${messages.length} messages of ${source} in ${target}`);
    expect(stdout).toMatch(/deferred +\d+ +[\d.]+ kB/u);
    expect(stdout).toContain('Read back: every digest is right.');
    const unverified = join(scratch, 'untold.tar.zst');
    expect(postsnap(['backup', ...queueOptions(source), unverified]).stdout).toContain(`postsnap verify ${unverified}`);
  });

  test('a name that would move the cursor is shown, and not obeyed', () => {
    const target = join(scratch, 'odd\u001b[31m\nname.tar.zst');
    const { status, stdout } = postsnap(['backup', ...queueOptions(source), '--verify', target]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('odd?[31m?name.tar.zst')]);
    expect(postsnap(['verify', target]).stdout).toContain('odd?[31m?name.tar.zst is intact');
  });

  test('-j writes one object with exactly the members of the contract', () => {
    const target = join(scratch, 'json.tar.zst');
    const { status, stdout, stderr } = postsnap(['backup', ...queueOptions(source), '-j', target]);
    expect([status, stderr]).toEqual([0, '']);
    const [report, ...more] = lines(stdout) as [Record<string, unknown>, ...unknown[]];
    expect(more).toEqual([]);
    expect(Object.keys(report).sort()).toEqual(
      [
        'archive',
        'archive_bytes',
        'by_queue',
        'bytes',
        'finished',
        'incomplete',
        'instance',
        'left',
        'logs',
        'malformed',
        'messages',
        'missing_ids',
        'not_selected',
        'other_instances',
        'passes',
        'queue_directory',
        'rounds',
        'settled',
        'snapshot_id',
        'started',
        'unreadable',
      ].sort(),
    );
    expect(report).toMatchObject({
      archive: target,
      messages: messages.length,
      logs: logsIn(source).length,
      left: 0,
      incomplete: 0,
      unreadable: [],
      settled: true,
      archive_bytes: statSync(target).size,
    });
    for (const time of ['started', 'finished']) {
      expect(report[time]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/u);
    }
  });

  test('--queues takes only these', () => {
    const target = join(scratch, 'hold.tar.zst');
    const { stdout } = postsnap(['backup', ...queueOptions(source), '-j', '--queues', 'hold', target]);
    expect(lines(stdout)).toMatchObject([{ messages: messages.filter((file) => file.queueName === 'hold').length }]);
  });

  test('to stdout, with the summary on stderr, and from stdin', () => {
    const { status, bytes, stderr } = postsnap(['backup', ...queueOptions(source), '-']);
    expect(status).toBe(0);
    expect(stderr).toContain(`Snapshot of ${messages.length} messages of ${source} written to stdout`);
    const listed = postsnap(['list', '-j', '-'], { input: bytes });
    expect(lines(listed.stdout)).toHaveLength(messages.length);
    expect(postsnap(['backup', ...queueOptions(source), '-q', '-']).stderr).toBe('');
  });

  test('never replaces a file', () => {
    const taken = join(scratch, 'taken');
    writeFileSync(taken, 'mine');
    const { status, stderr } = postsnap(['backup', ...queueOptions(source), taken]);
    expect(status).toBe(73);
    expect(stderr).toMatch(/^postsnap: fatal: .*taken/u);
    expect(readFileSync(taken, 'utf8')).toBe('mine');
  });
});

describe('list', () => {
  test('-j names each message once, with our members after those of postqueue', () => {
    const { status, stdout, stderr } = postsnap(['list', '-j', archive]);
    expect([status, stderr]).toEqual([0, '']);
    const listed = lines(stdout) as Record<string, string>[];
    expect(listed.map((line) => `${line['queue_name']}/${line['queue_id']}`).sort()).toEqual(
      messages.map((file) => `${file.queueName}/${file.queueId}`).sort(),
    );
    for (const line of listed) {
      expect(Object.keys(line)).toEqual([
        'queue_name',
        'queue_id',
        'arrival_time',
        'message_size',
        'forced_expire',
        'sender',
        'recipients',
        'state',
        'sha256',
        'fingerprint',
        'file_size',
      ]);
    }
  });

  test('shows a line for each message, held ones marked, and the trailer of postqueue', () => {
    const { status, stdout } = postsnap(['list', archive]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^-Queue ID- {2}--Size-- ----Arrival Time---- -Sender\/Recipient-------\n/u);
    for (const { queueName, queueId } of messages) {
      expect(stdout).toContain(`\n${queueId}${queueName === 'hold' ? '!' : ''} `);
    }
    expect(stdout).toMatch(new RegExp(`\\n-- \\d+ Kbytes in ${messages.length} Requests\\.\\n$`, 'u'));
  });
});

describe('cat', () => {
  test('gives back every queue file, byte for byte', () => {
    for (const { queueId, path } of messages) {
      const { status, bytes, stderr } = postsnap(['cat', archive, queueId]);
      expect([status, stderr]).toEqual([0, '']);
      expect(bytes.equals(readFileSync(path))).toBe(true);
    }
  });

  test('--message gives the message alone', () => {
    const held = messages.find((file) => file.queueName === 'hold');
    const { status, stdout } = postsnap(['cat', '--message', archive, `hold/${held?.queueId}!`]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Received: /u);
    expect(stdout).toMatch(/^Subject: /mu);
  });

  test.each(['0000012345', 'nosuch', '../../etc/passwd', 'hold/0000012345'])('no message %o: status 1', (id) => {
    const { status, stdout, stderr } = postsnap(['cat', archive, id]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^postsnap: warning: .*no such message/u);
  });
});

describe('verify', () => {
  test('an archive that is whole', () => {
    const { status, stdout, stderr } = postsnap(['verify', '-j', archive]);
    expect([status, stderr]).toEqual([0, '']);
    expect(lines(stdout)).toMatchObject([
      { ok: true, sealed: true, damaged_frames: 0, messages: messages.length, damaged: [], malformed: [] },
    ]);
    expect(postsnap(['verify', archive]).stdout).toContain('is intact');
  });
});

describe('restore', () => {
  test('puts each message into the queue that it was in, and its second run does nothing', () => {
    const target = makeEmptyQueue(join(scratch, 'target'));
    const map = join(scratch, 'map.jsonl');
    const options = [...queueOptions(target), archive];

    const dry = postsnap(['restore', '-n', '-j', ...options]);
    expect(dry).toMatchObject({ status: 0, stderr: '' });
    expect(lines(dry.stdout)).toMatchObject([{ dry_run: true, restored: messages.length }]);
    expect(messagesIn(target)).toEqual([]);

    const restored = postsnap(['restore', '-j', '--map', map, ...options]);
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(lines(restored.stdout)).toEqual([
      {
        snapshot_id: expect.any(String),
        into: 'queues',
        dry_run: false,
        proven: true,
        pace: null,
        routes: expect.arrayContaining([expect.objectContaining({ from: 'deferred', to: 'deferred' })]),
        room: expect.objectContaining({ inodes_needed: expect.any(Number) }),
        restored: messages.length,
        already_present: 0,
        already_restored: 0,
        delivered_since: 0,
        recipients_done: 0,
        log: null,
        left: 0,
        not_selected: 0,
        damaged: 0,
        failed: 0,
        missing_ids: [],
        unsearched_recipients: false,
        unaccounted_bytes: 0,
        accounted: true,
        warnings: [],
        archive: expect.objectContaining({ instance: '-', messages: messages.length }),
        target: {
          queue_directory: target,
          instance: '-',
          mail_version: expect.any(String),
          running: false,
          messages: 0,
        },
        findings: [],
      },
    ]);
    const mappings = lines(readFileSync(map, 'utf8')) as Record<string, string>[];
    expect(mappings).toHaveLength(messages.length);
    for (const { queue_name, queue_id, new_queue_name, new_queue_id, action } of mappings) {
      expect([action, new_queue_name]).toEqual(['restored', queue_name]);
      const old = messages.find((file) => file.queueId === queue_id);
      const now = messagesIn(target).find((file) => file.queueId === new_queue_id && file.queueName === new_queue_name);
      expect(readFileSync(now?.path ?? '')).toEqual(readFileSync(old?.path ?? ''));
    }
    expect(logsIn(target)).toHaveLength(logsIn(source).length);

    const taken = postsnap(['restore', '--map', map, ...options]);
    expect(taken.status).toBe(73);
    const again = postsnap(['restore', '-j', ...options]);
    expect(again).toMatchObject({ status: 0, stderr: '' });
    expect(lines(again.stdout)).toMatchObject([{ restored: 0, damaged: 0, failed: 0 }]);
    expect(messagesIn(target)).toHaveLength(messages.length);
  });

  test('tells a person what was done', () => {
    const target = makeEmptyQueue(join(scratch, 'told-target'));
    const { status, stdout, stderr } = postsnap(['restore', ...queueOptions(target), '--queues', 'hold', archive]);
    expect([status, stderr]).toEqual([0, '']);
    const held = messages.filter((file) => file.queueName === 'hold').length;
    expect(stdout).toMatch(/^Archive of .* ago\):\s+15 messages\.\nInto [^:]*:\s+0\s+messages\s+before\.\n\n/u);
    expect(stdout).toContain(`Restored ${held} messages`);
    expect(stdout).toContain(`${messages.length - held}  not selected`);
  });

  test('a selection that matches nothing is status 1', () => {
    const target = makeEmptyQueue(join(scratch, 'nothing'));
    const { status, stderr } = postsnap(['restore', ...queueOptions(target), '--queues', 'corrupt', archive]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^postsnap: warning: .*none of its messages was selected/u);
    expect(messagesIn(target)).toEqual([]);
  });
});
