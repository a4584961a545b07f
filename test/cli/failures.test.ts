import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { makeEmptyQueue, messagesIn, queueOptions } from '../support/queue/sample-queue.ts';

const { scratch, archive } = backedUpQueue();

/** Every command that reads an archive, given this one. */
function readers(path: string): string[][] {
  const target = makeEmptyQueue(join(scratch, 'target'));
  return [
    ['list', path],
    ['list', '-j', path],
    ['cat', path, 'ABCDE12345'],
    ['verify', path],
    ['restore', ...queueOptions(target), path],
    ['restore', '-n', ...queueOptions(target), path],
  ];
}

/** What every foreseeable failure looks like: in Postfix's manner, without a stack. */
function expectFatal(stderr: string): void {
  expect(stderr).toMatch(/^postsnap: (fatal|warning): /u);
  expect(stderr).not.toContain('bug in postsnap');
  expect(stderr).not.toMatch(/^\s+at /mu);
}

describe('an archive that is not there', () => {
  test('is 66, with its path, for every command', () => {
    const missing = join(scratch, 'missing.tar.zst');
    for (const args of readers(missing)) {
      const { status, stdout, stderr } = postsnap(args);
      expect([args[0], status, stdout]).toEqual([args[0], 66, '']);
      expectFatal(stderr);
      expect(stderr).toContain(missing);
    }
  });
});

describe('an archive that is damaged', () => {
  /** Copies of the archive, each spoiled in its way. */
  function spoiled(): [string, Buffer][] {
    const whole = readFileSync(archive);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length >> 1) ^ 0xff, whole.length >> 1);
    return [
      ['empty', Buffer.alloc(0)],
      ['one byte', Buffer.from('x')],
      ['text', Buffer.from('this is no archive\n'.repeat(100))],
      ['cut by a byte', whole.subarray(0, -1)],
      ['cut in half', whole.subarray(0, whole.length >> 1)],
      ['with a byte more', Buffer.concat([whole, Buffer.from('x')])],
      ['with a byte flipped', flipped],
    ];
  }

  test('is 65 for verify, in text and in JSON, from a file and from stdin', () => {
    for (const [name, bytes] of spoiled()) {
      const path = join(scratch, 'spoiled');
      writeFileSync(path, bytes);
      const text = postsnap(['verify', path]);
      expect([name, text.status]).toEqual([name, 65]);
      expectFatal(text.stderr);
      const json = postsnap(['verify', '-j', path]);
      expect([name, json.status]).toEqual([name, 65]);
      expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, sealed: expect.any(Boolean) });
      expect(postsnap(['verify', '-j', '-'], { input: bytes }).status).toBe(65);
    }
  });

  test('is 65 for restore, and the queue stays empty', () => {
    for (const [name, bytes] of spoiled()) {
      const path = join(scratch, 'spoiled');
      writeFileSync(path, bytes);
      const target = makeEmptyQueue(join(scratch, 'untouched'));
      const { status, stdout, stderr } = postsnap(['restore', '-j', ...queueOptions(target), path]);
      expect([name, status, stdout]).toEqual([name, 65, '']);
      expectFatal(stderr);
      expect(messagesIn(target)).toEqual([]);
    }
  });

  test('without its end is 65 for list and cat', () => {
    const path = join(scratch, 'cut');
    writeFileSync(path, readFileSync(archive));
    truncateSync(path, 1000);
    for (const args of [
      ['list', path],
      ['cat', path, 'ABCDE12345'],
    ]) {
      const { status, stdout, stderr } = postsnap(args);
      expect([status, stdout]).toEqual([65, '']);
      expectFatal(stderr);
    }
  });

  test('without its end can be restored from all the same: what is intact is in the queue, and 1', () => {
    const path = join(scratch, 'without-end');
    writeFileSync(path, readFileSync(archive).subarray(0, -20));
    const target = makeEmptyQueue(join(scratch, 'salvaged'));
    const { status, stdout, stderr } = postsnap(['restore', '-j', '--salvage', ...queueOptions(target), path]);
    const report: { restored: number; unaccounted_bytes: number } = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(report.unaccounted_bytes).toBeGreaterThan(0);
    expect(stderr).toContain('without a catalogue');
    expect(messagesIn(target)).toHaveLength(report.restored);
    expect(report.restored).toBeGreaterThan(5);
  });

  test('names each message that is lost', () => {
    const [, bytes] = spoiled().at(-1) ?? [];
    const path = join(scratch, 'flipped');
    writeFileSync(path, bytes ?? '');
    const { stdout, stderr } = postsnap(['verify', '-j', path]);
    const { damaged }: { readonly damaged: readonly { readonly queue_id: string }[] } = JSON.parse(stdout);
    const ids = new Set(damaged.map(({ queue_id }) => queue_id));
    for (const id of ids) {
      expect(stderr.split('\n').filter((line) => line.includes(`/${id}: `))).toEqual([
        expect.stringMatching(/^postsnap: warning: \w+\/\w+: .*\blost\b/u),
      ]);
    }
  });
});

describe('a queue directory or a configuration that is not usable', () => {
  test.each([
    [['--queue-directory', '/nonexistent/queue'], 66],
    [['-c', '/nonexistent/etc'], 78],
  ])('%o is %i', (options, expected) => {
    const { status, stdout, stderr } = postsnap(['backup', ...options, join(scratch, 'never')]);
    // Without Postfix there is no postconf to judge a configuration directory.
    expect(stderr.includes('postconf is not installed') ? 69 : expected).toBe(status);
    expect(stdout).toBe('');
    expectFatal(stderr);
  });

  test('a mail_owner that is not known is 69', () => {
    const target = makeEmptyQueue(join(scratch, 'owner'));
    const { status, stderr } = postsnap(['restore', ...queueOptions(target), '-o', 'mail_owner=nosuchuser', archive]);
    expect(status).toBe(69);
    expectFatal(stderr);
    expect(stderr).toContain('nosuchuser');
  });
});

describe('stdout', () => {
  test.each([
    ['list', []],
    ['list', ['-j']],
    ['verify', ['-j']],
  ] as const)('that is full is 74 for %s %o', (command, options) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = postsnap([command, ...options, archive], { stdout: full });
    closeSync(full);
    expect(status).toBe(74);
    expectFatal(stderr);
    expect(stderr).toContain('ENOSPC');
  });

  test('whose reader has gone ends list quietly', async () => {
    const child = spawn(process.execPath, [COMMAND, 'list', archive], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, stderr]).toEqual([74, '']);
  });
});
