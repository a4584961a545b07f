import { describe, expect, test } from 'vitest';
import type { BackupReport } from '../../../../src/backup/options.ts';
import { backupSummary } from '../../../../src/cli/output/backup-summary.ts';
import { localTime } from '../../../../src/cli/output/local-time.ts';
import { OmittedGroups } from '../../../../src/cli/output/omitted-groups.ts';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';
import { RestoredQueues, restoreSummary, type SummaryOptions } from '../../../../src/cli/output/restore-summary.ts';
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
    queue_directory: '/var/spool/postfix',
    instance: '-',
    other_instances: [],
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
        'Snapshot of 3,124 messages of /var/spool/postfix in /backup/q.tar.zst',
        '',
        '  queue     messages     size',
        '  deferred     3,120  48.0 MB',
        '  hold             4  21.0 kB',
        '  in all       3,124  48.0 MB',
        '',
        `Archive 12.3 MB, with 3,100 logs; taken in 2.1 s, finished ${localTime(report.finished)}.`,
        '',
        'Next: postsnap verify /backup/q.tar.zst',
        '',
      ].join('\n'),
    );
  });

  test('tells how often the queue was listed to those who ask', () => {
    expect(backupSummary(report, { verbose: true })).toContain(
      'Listed 15 times in 0.4 s; read 3,124 in 1.6 s, then 2 in 0.0 s.',
    );
  });

  test('names the instance, and those whose queues were not taken', () => {
    const other_instances = [
      { name: '-', config_directory: '/etc/postfix' },
      { name: 'postfix-in', config_directory: '/etc/post fix' },
    ];
    const text = backupSummary({ ...report, instance: 'postfix-out', other_instances });
    expect(text).toContain('of /var/spool/postfix (instance postfix-out) in');
    expect(text).toContain('Not taken: the queue of the primary instance (-c /etc/postfix).\n');
    expect(text).toContain("Not taken: the queue of instance postfix-in (-c '/etc/post fix').\n");
  });

  test('the next step can be pasted, whatever the archive is called', () => {
    const next = (archive: string) => backupSummary({ ...report, archive }).split('Next: ')[1];
    expect(next('-my $archive')).toBe("postsnap verify -- '-my $archive'\n");
    expect(next('two\nlines')).toBe("postsnap verify $'two\\012lines'\n");
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
    proven: true,
    routes: [],
    room: { bytes_needed: 0, bytes_free: 0, inodes_needed: 0, inodes_free: null },
    restored: 3120,
    already_present: 0,
    already_restored: 0,
    delivered_since: 0,
    log: null,
    pace: null,
    recipients_done: 0,
    left: 0,
    not_selected: 0,
    damaged: 0,
    failed: 0,
    missing_ids: [],
    unsearched_recipients: false,
    unaccounted_bytes: 0,
    accounted: true,
    warnings: [],
    findings: [],
    archive: {
      myhostname: 'mail.example.com',
      instance: '-',
      source: 'queue',
      started: '',
      finished: '',
      messages: 3120,
    },
    target: { queue_directory: '/q', instance: '-', mail_version: '3.7.11', running: true, messages: 0 },
  };

  function placesOf(...queues: readonly MessageQueueName[]): SummaryOptions {
    const restored = new RestoredQueues();
    for (const new_queue_name of queues) {
      restored.note({ action: 'restored', new_queue_name });
    }
    return { restored, omitted: [], commands: new QueueCommands() };
  }
  const QUEUES = placesOf('deferred', 'hold');

  test('says how many went where, and what to do next', () => {
    expect(restoreSummary(report, 'q.tar.zst', QUEUES)).toBe(
      'Restored 3,120 messages of q.tar.zst into /q: 1 into deferred, 1 into hold.\n\nNext: `postqueue -p` shows the queue.\n',
    );
  });

  test('says of held mail what is too old for postsuper -H', () => {
    const old = { severity: 'warning', bytes: 1, examples: [] } as const;
    const lifetimes = { maximalQueueLifetime: '5d', bounceQueueLifetime: '5d' };
    const held = (messages: number): RestoreReport => ({
      ...report,
      into: 'hold',
      findings: [{ code: 'held-past-lifetime', ...lifetimes, ...old, messages }],
    });
    expect(restoreSummary(held(20), 'q', placesOf('hold'))).toContain('It requeues the 20 messages');
  });

  test('names the configuration for Postfix, and no command that would look elsewhere', () => {
    const other = { ...QUEUES, commands: new QueueCommands({ configDir: "/etc/it's" }) };
    expect(restoreSummary(report, 'q', other)).toContain("Next: `postqueue -c '/etc/it'\\''s' -p` shows");
    const held = restoreSummary({ ...report, into: 'hold' }, 'q', other);
    expect(held).toContain("`postsnap release -c '/etc/it'\\''s'`");
    expect(
      restoreSummary(report, 'q', { ...QUEUES, commands: new QueueCommands({ queueDirectory: '/q' }) }),
    ).not.toContain('`');
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

  test('tells what was not selected by its reason', () => {
    const groups = new OmittedGroups(new QueueCommands());
    for (const queue_id of ['A1', 'A2']) {
      const reason = { code: 'unchecked-mail-not-on-hold' } as const;
      groups.note({ queue_name: 'maildrop', queue_id, action: 'not_selected', reason });
    }
    const text = restoreSummary({ ...report, not_selected: 2 }, 'q', { ...QUEUES, omitted: groups.list() });
    expect(text).toContain('  2  not selected: they were in maildrop, and unchecked mail must not go on hold');
  });

  test('says of maildrop how long pickup takes, where Postfix runs', () => {
    const stopped = { ...report, target: { ...report.target, running: false } };
    expect(restoreSummary(report, 'q', placesOf('maildrop'))).toContain('up to a minute');
    expect(restoreSummary(stopped, 'q', placesOf('maildrop'))).not.toContain('up to a minute');
    expect(restoreSummary(report, 'q', QUEUES)).not.toContain('up to a minute');
  });

  test('what was in maildrop is not said to be on hold', () => {
    const text = restoreSummary({ ...report, into: 'hold' }, 'q', placesOf('maildrop', 'maildrop'));
    expect(text).toContain(': 2 into maildrop.\n');
    expect(text).not.toContain('into hold');
  });

  test('mail on hold has a next step of its own, and nothing restored has none', () => {
    expect(restoreSummary({ ...report, into: 'hold' }, 'q', QUEUES)).toContain(
      'release all of it with `postsnap release`, or',
    );
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
      'q is intact.\n3,124 messages: every digest is right, and nothing is missing.\n',
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
    const text = verifySummary(
      { ...report, ok: false, sealed: false, damaged_frames: 1, damaged },
      'q',
      'postsnap restore --salvage q',
    );
    expect(text).toContain('is damaged');
    expect(text).toContain('Found whole in it: ');
    expect(text).toContain('is lost, named above');
    expect(text).toContain("1 of its 12 parts can't be read");
    expect(text).toContain('--salvage');
  });

  test('damage that leaves nothing', () => {
    const text = verifySummary(
      { ...report, ok: false, sealed: false, messages: 0 },
      'q',
      'postsnap restore --salvage q',
    );
    expect(text).toContain('Nothing of it can be restored. Use another archive.\n');
    expect(text).not.toContain('--salvage');
  });
});
