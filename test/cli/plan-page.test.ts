/** The page of a dry run: what it tells, that it fits, and that its command does what it told. */

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { makeEmptyQueue, makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
let archive: string;
let source: string;
let bin: string;
let number = 0;

beforeAll(() => {
  scratch = scratchDirectory();
  archive = join(scratch, "it's a queue.tar.zst");
  source = makeSampleQueue(join(scratch, 'queue'));
  expect(postsnap(['backup', ...queueOptions(source), archive]).status).toBe(0);
  bin = join(scratch, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'postsnap'), `#!/bin/sh\nexec ${process.execPath} ${COMMAND} "$@"\n`);
  chmodSync(join(bin, 'postsnap'), 0o755);
});

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function target(): string {
  number += 1;
  return makeEmptyQueue(join(scratch, `target${number}`));
}

/** The command that a page shows: what is indented at its end. */
function commandOf(page: string): string {
  return page.slice(page.lastIndexOf(':\n\n') + 3);
}

function paste(command: string, input = '') {
  const environment = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, MAIL_CONFIG: '', TZ: 'UTC' };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: scratch, env: environment, input });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

function idsOf(queue: string): string[] {
  const lines = postsnap(['list', '-j', '--queues', queue, archive]).stdout.trimEnd().split('\n');
  return lines.map((line) => String(JSON.parse(line).queue_id));
}

describe('the page of a dry run', () => {
  test('tells where messages go, with their sizes and ages, and what follows; in 80 columns', () => {
    const queue = target();
    const { status, stdout, stderr } = postsnap(['restore', '-n', ...queueOptions(queue), archive]);
    expect([status, stderr]).toEqual([0, '']);
    const { routes } = JSON.parse(postsnap(['restore', '-n', '-j', ...queueOptions(queue), archive]).stdout);
    expect(routes.length).toBeGreaterThan(3);
    for (const { from, to, messages } of routes) {
      expect(stdout).toMatch(new RegExp(`^ {2}${from} +${to} +${messages} `, 'mu'));
    }
    expect(stdout).toMatch(/^ {2}from +to +messages +size +oldest +newest$/mu);
    expect(stdout).toMatch(/is stopped/u);
    expect(stdout).toMatch(/inodes/u);
    const tooWide = stdout.split('\n').filter((line) => line.length > 79 && !line.includes(scratch));
    expect(tooWide).toEqual([]);
  });

  test.each([
    ['of all', []],
    ['of a selection, into hold', ['--into', 'hold', '--exclude-queues=saved', '--larger', '1', '--sender', '/./']],
    ['into maildrop, with held mail', ['--into=maildrop', '--release-held', '-v']],
  ])('%s ends with the command that restores just that', (_, options) => {
    const queue = target();
    const args = ['restore', '-n', ...queueOptions(queue), ...options, archive];
    const dry = JSON.parse(postsnap([...args, '-j'].filter((arg) => arg !== '-v')).stdout);
    const page = postsnap(args).stdout;
    const command = commandOf(page);
    expect(command).toMatch(/^ {2}postsnap restore /u);
    expect(command).not.toMatch(/ -n| --dry-run| -v/u);
    const { status, stdout } = paste(command);
    expect(status).toBe(dry.failed === 0 ? 0 : 1);
    expect(dry.restored).toBeGreaterThan(0);
    expect(stdout).toContain(`Restored ${dry.restored} messages`);
    expect(paste(command).stdout).toContain('Restored 0 messages');
  });

  test('names IDs that came from stdin, and asks for the archive that did', () => {
    const queue = target();
    const [id = ''] = idsOf('hold');
    const byId = postsnap(['restore', '-nq', ...queueOptions(queue), archive, '-'], { input: Buffer.from(`${id}!\n`) });
    expect(byId.stdout).toBe('');
    const named = postsnap(['restore', '-n', ...queueOptions(queue), archive, '-'], { input: Buffer.from(`${id}!\n`) });
    expect(commandOf(named.stdout)).toContain(id);
    expect(paste(commandOf(named.stdout)).stdout).toContain('Restored 1 message ');
    const piped = postsnap(['restore', '-n', ...queueOptions(queue), '-'], { input: readFileSync(archive) });
    expect(piped.stdout).toContain('given the same standard input:');
    const command = commandOf(piped.stdout);
    const environment = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, MAIL_CONFIG: '' };
    const run = spawnSync('sh', ['-c', command], { env: environment, input: readFileSync(archive) });
    expect(run.status).toBe(0);
  });

  test('pins the snapshot that latest was', () => {
    const store = join(scratch, 'store');
    const backup = ['backup', ...queueOptions(source), '-o', 'myhostname=mail.example', '--store', store];
    expect(postsnap(backup).status).toBe(0);
    const queue = target();
    const page = postsnap(['restore', '-n', ...queueOptions(queue), '--store', store, '--snapshot', 'latest']);
    expect(commandOf(page.stdout)).toMatch(/--snapshot\s(?:\\\s+)?[0-9a-f]{8}/u);
    expect(paste(commandOf(page.stdout)).stdout).toMatch(/^Restored \d+ messages/mu);
  });

  test('groups what is left out by its reason, with the archive that brought it before', () => {
    const queue = target();
    expect(postsnap(['restore', ...queueOptions(queue), archive]).status).toBe(0);
    const again = postsnap(['restore', '-n', ...queueOptions(queue), archive]);
    expect(again.stdout).toContain('What needs attention, the worst first');
    expect(again.stdout).toMatch(
      /info +\d+ messages left out: they stand in the target queue already\n +\(\w+\/\w+, /u,
    );
    for (const name of ['deferred', 'incoming']) {
      execFileSync('find', [join(queue, name), '-type', 'f', '-delete']);
    }
    const { stdout } = postsnap(['restore', '-n', ...queueOptions(queue), archive]);
    expect(stdout.replace(/\s+/gu, ' ')).toMatch(
      /left out: (?:it was|they were) restored into this queue before, 20\d\d-.* from .*a queue/u,
    );
  });

  test('tells once, and in the words of the restore itself, what of maildrop can not go on hold', () => {
    const queue = target();
    const args = ['restore', ...queueOptions(queue), '--into', 'hold', archive];
    const told = /2 (?:messages )?not selected: they were in maildrop, and unchecked mail must not go on hold/gu;
    const page = postsnap([...args, '-n']).stdout.replace(/\s+/gu, ' ');
    expect(page.match(told)).toHaveLength(1);
    expect(page).not.toMatch(/of maildrop left out/u);
    expect(postsnap(args).stdout.replace(/\s+/gu, ' ').match(told)).toHaveLength(1);
  });

  test('of nothing is a sentence that ends', () => {
    const { stdout } = postsnap(['restore', '-n', ...queueOptions(target()), '--queues', 'saved', archive]);
    expect(stdout.replace(/\s+/gu, ' ')).toContain(`Would restore 0 messages of ${archive}. `);
  });

  test('by --quick tells the same of a sound archive, and that it is not proven; of a damaged one, too', () => {
    const queue = target();
    const args = ['restore', '-n', ...queueOptions(queue)];
    const full = JSON.parse(postsnap([...args, '-j', archive]).stdout);
    const quick = JSON.parse(postsnap([...args, '-j', '--quick', archive]).stdout);
    const { room: _, ...told } = full;
    expect(quick).toMatchObject({ ...told, proven: false });
    const damaged = join(scratch, 'damaged');
    const bytes = readFileSync(archive);
    bytes.fill(0x55, 5000, 5100);
    writeFileSync(damaged, bytes);
    expect(postsnap([...args, damaged]).status).toBe(65);
    const unseen = postsnap([...args, '--quick', damaged]);
    expect([unseen.status, unseen.stdout]).toEqual([0, expect.stringContaining('NOT proven')]);
  });
});
