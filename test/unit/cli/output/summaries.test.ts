import { describe, expect, test } from 'vitest';
import type { BackupReport } from '../../../../src/backup/options.ts';
import { backupSummary } from '../../../../src/cli/output/backup-summary.ts';
import { RestoredPlaces, restoreSummary } from '../../../../src/cli/output/restore-summary.ts';
import { verifySummary } from '../../../../src/cli/output/verify-summary.ts';
import type { VerifyReport } from '../../../../src/inspect/verify.ts';
import type { MessageQueueName } from '../../../../src/queue/queue-name.ts';
import type { RestoreReport } from '../../../../src/restore/options.ts';

describe('backup', () => {
  const report: BackupReport = {
    archive: '/backup/q.tar.zst',
    snapshot_id: 'x',
    started: '2026-11-21T22:00:00.000Z',
    finished: '2026-11-21T22:00:02.100Z',
    messages: 3124,
    left: 0,
    logs: 3100,
    incomplete: 0,
    unreadable: [],
    not_selected: 0,
    missing_ids: [],
    by_queue: { deferred: { messages: 3120, bytes: 48_000_000 }, hold: { messages: 4, bytes: 21_000 } },
    bytes: 50_000_000,
    archive_bytes: 12_345_678,
    passes: 15,
    rounds: [
      { listings: 5, names: 3124, read: 3124, vanished: 2, listing_ms: 210, reading_ms: 1620, settled: true },
      { listings: 5, names: 3124, read: 2, vanished: 1, listing_ms: 110, reading_ms: 12, settled: true },
      { listings: 5, names: 3124, read: 0, vanished: 0, listing_ms: 100, reading_ms: 1, settled: true },
    ],
    settled: true,
    malformed: 0,
  };

  test('shows what was taken by queue, sizes, time and the next step', () => {
    expect(backupSummary(report)).toBe(
      [
        'Snapshot of 3,124 messages in /backup/q.tar.zst',
        '',
        '  queue     messages     size',
        '  deferred     3,120  48.0 MB',
        '  hold             4  21.0 kB',
        '  in all       3,124  48.0 MB',
        '',
        'Archive 12.3 MB, with 3,100 logs; taken in 2.1 s, finished 2026-11-21T22:00:02.100Z.',
        'Listed 15 times in 0.4 s; read 3,124 in 1.6 s, then 2 in 0.0 s.',
        '',
        'Next: postsnap verify /backup/q.tar.zst',
        '',
      ].join('\n'),
    );
  });

  test('tells what is missing, and what is not but looks like it', () => {
    const text = backupSummary({
      ...report,
      left: 1,
      incomplete: 2,
      malformed: 3,
      settled: false,
      unreadable: [{ queue_name: 'hold', queue_id: 'A', reason: 'EIO' }],
    });
    expect(text).toContain('1 message left the queue meanwhile');
    expect(text).toContain('2 files still being written');
    expect(text).toContain('3 queue files with broken records');
    expect(text).toContain('1 file could not be read: NOT in the archive');
    expect(text).toContain('did not settle');
  });

  test('names no file where the archive went to stdout', () => {
    const text = backupSummary({ ...report, archive: null });
    expect(text).toContain('written to stdout');
    expect(text).not.toContain('Next:');
  });
});

describe('restore', () => {
  const report: RestoreReport = {
    snapshot_id: 'x',
    into: 'queues',
    dry_run: false,
    restored: 3120,
    already_present: 0,
    already_restored: 0,
    delivered_since: 0,
    log: null,
    recipients_done: 0,
    left: 0,
    not_selected: 0,
    damaged: 0,
    failed: 0,
    missing_ids: [],
    unsearched_recipients: false,
    unaccounted_bytes: 0,
    warnings: [],
    findings: [],
    archive: { myhostname: 'mail.example.com', instance: '-', started: '', finished: '', messages: 3120 },
    target: { queue_directory: '/q', instance: '-', mail_version: '3.7.11', running: true, messages: 0 },
  };

  function placesOf(...queues: readonly MessageQueueName[]): { places: RestoredPlaces } {
    const places = new RestoredPlaces();
    for (const new_queue_name of queues) {
      places.note({ action: 'restored', new_queue_name });
    }
    return { places };
  }
  const QUEUES = placesOf('deferred', 'hold');

  test('says how many went where, and what to do next', () => {
    expect(restoreSummary(report, 'q.tar.zst', QUEUES)).toBe(
      'Restored 3,120 messages of q.tar.zst into the queues that they were in.\n\nNext: `postqueue -p` shows the queue.\n',
    );
  });

  test('says of held mail that is too old for it that postsuper -H is wrong', () => {
    const old = { severity: 'warning', bytes: 1, examples: [] } as const;
    const lifetimes = { maximalQueueLifetime: '5d', bounceQueueLifetime: '5d' };
    const held = (messages: number): RestoreReport => ({
      ...report,
      into: 'hold',
      findings: [{ code: 'held-past-lifetime', ...lifetimes, ...old, messages }],
    });
    expect(restoreSummary(held(3120), 'q', placesOf('hold'))).toContain('release it with `postsuper -r ALL hold`');
    expect(restoreSummary(held(20), 'q', placesOf('hold'))).toContain('but with `postsuper -r` the 20 messages');
  });

  test('counts what was not restored, each with its reason', () => {
    const text = restoreSummary(
      { ...report, already_present: 1, already_restored: 2, left: 3, not_selected: 4, damaged: 5, failed: 6 },
      'q',
      QUEUES,
    );
    expect(text).toContain('  1  stand in the target already\n  2  were restored');
    expect(text).toContain('  5  damaged: NOT restored\n  6  failed: NOT restored\n');
  });

  test('a dry run does not claim to have done anything', () => {
    const text = restoreSummary({ ...report, dry_run: true, into: 'maildrop' }, 'q', QUEUES);
    expect(text).toMatch(/^Would restore 3,120 messages of q into maildrop/u);
    expect(text).toMatch(/Nothing was changed\.\n$/u);
  });

  test('mail on hold has a next step of its own, and nothing restored has none', () => {
    expect(restoreSummary({ ...report, into: 'hold' }, 'q', QUEUES)).toContain('release it with `postsuper -H`.');
    expect(restoreSummary({ ...report, restored: 0 }, 'q', placesOf())).not.toContain('Next');
    const away = restoreSummary(report, 'q', placesOf('saved', 'corrupt'));
    expect(away).toContain('postcat');
    expect(away).not.toContain('postqueue -p');
  });
});

describe('verify', () => {
  const report: VerifyReport = {
    ok: true,
    sealed: true,
    frames: 12,
    damaged_frames: 0,
    messages: 3124,
    damaged: [],
    malformed: [],
    errors: [],
  };

  test('an archive that is whole', () => {
    expect(verifySummary(report, 'q')).toBe(
      'q is intact.\n3,124 messages in 12 frames: every digest is right, and the seal is there.\n',
    );
  });

  test('queue files that were broken before are told, and the archive is still intact', () => {
    const malformed = [{ queue_name: 'hold', queue_id: 'A', reason: 'x' }] as const;
    const text = verifySummary({ ...report, malformed }, 'q');
    expect(text).toContain('is intact');
    expect(text).toContain('1 message had broken records in the source queue already');
  });

  test('damage: how much, and what can be done', () => {
    const damaged = [{ queue_name: 'hold', queue_id: 'A', reason: 'x' }] as const;
    const text = verifySummary({ ...report, ok: false, sealed: false, damaged_frames: 1, damaged }, 'q');
    expect(text).toContain('is damaged');
    expect(text).toContain('no usable end');
    expect(text).toContain("1 of 12 frames can't be read");
    expect(text).toContain('--salvage');
  });
});
