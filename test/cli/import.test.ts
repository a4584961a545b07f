/** `import`: tars of a queue as GNU tar, bsdtar and busybox make them; what comes of them is what a backup makes. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandResult, postsnap } from '../support/process/command.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

let scratch: string;
let queue: string;
let expected: ListedLine[];
beforeAll(() => {
  scratch = scratchDirectory();
  mkdirSync(join(scratch, 'var/spool'), { recursive: true });
  queue = makeSampleQueue(join(scratch, 'var/spool/postfix'));
  for (const other of ['private', 'public', 'pid', 'flush', 'etc']) {
    mkdirSync(join(queue, other));
    writeFileSync(join(queue, other, 'file'), 'no mail');
  }
  const archive = join(scratch, 'backup.tar.zst');
  expect(postsnap(['backup', ...queueOptions(queue), archive]).status).toBe(0);
  expected = listed(archive);
  expect(expected.length).toBeGreaterThan(5);
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

interface ListedLine {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly fingerprint: string;
}

/** What `list -j` tells of an archive, but for what differs from one reading to another. */
function listed(archive: string): ListedLine[] {
  const { status, stdout } = postsnap(['list', '-j', archive]);
  expect(status).toBe(0);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line): ListedLine => JSON.parse(line)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ queue_name, queue_id }: ListedLine): string {
  return `${queue_name}/${queue_id}`;
}

let made = 0;
function newPath(name: string): string {
  made += 1;
  return join(scratch, `${made}-${name}`);
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A tar of the sample queue, or of what is named. */
function tarOf(
  options: readonly string[],
  names: readonly string[] = ['postfix'],
  directory = join(queue, '..'),
): string {
  const tar = newPath('queue.tar');
  run('tar', '-C', directory, ...options, '-cf', tar, ...names);
  return tar;
}

interface Imported {
  readonly result: CommandResult;
  readonly archive: string;
  readonly report: { readonly skipped: readonly { name: string; reason: string; missing: boolean }[] } & Record<
    string,
    unknown
  >;
}

function imported(tar: string, ...options: string[]): Imported {
  const archive = newPath('imported.tar.zst');
  const result = postsnap(['import', '-j', ...options, tar, archive]);
  expect(result.stderr).not.toContain('bug');
  return { result, archive, report: result.stdout === '' ? { skipped: [] } : JSON.parse(result.stdout) };
}

const TARS: readonly (readonly [string, () => string])[] = [
  ['GNU tar, gnu format', () => tarOf(['--format=gnu'])],
  ['GNU tar, posix format', () => tarOf(['--format=posix'])],
  ['GNU tar, ustar format', () => tarOf(['--format=ustar'])],
  ['GNU tar, v7 format', () => tarOf(['--format=v7'])],
  ['GNU tar, numeric owners', () => tarOf(['--numeric-owner'])],
  ['GNU tar, gzip', () => tarOf(['-z'])],
  ['GNU tar, zstd', () => tarOf(['--zstd'])],
  ['GNU tar, absolute names', () => tarOf(['-P'], [queue])],
  ['GNU tar, the queue directory itself', () => tarOf([], ['.'], queue)],
  ['GNU tar, logs behind and before their messages', () => tarOf([], ['trace', 'defer', ...QUEUES, 'bounce'], queue)],
  ['bsdtar', () => bsdtar('ustar')],
  ['bsdtar, pax', () => bsdtar('pax')],
  ['bsdtar, gzip', () => bsdtar('pax', '-z')],
  ['busybox', () => busybox()],
  ['busybox, gzip', () => busybox('-z')],
  ['zstd in several frames', () => frames()],
];
const QUEUES = ['active', 'corrupt', 'deferred', 'hold', 'incoming', 'maildrop', 'saved'];

function bsdtar(format: string, ...options: string[]): string {
  const tar = newPath('bsd.tar');
  run('bsdtar', '-C', join(queue, '..'), `--format=${format}`, ...options, '-cf', tar, 'postfix');
  return tar;
}

function busybox(...options: string[]): string {
  const tar = newPath('busybox.tar');
  run('busybox', 'tar', '-C', join(queue, '..'), ...options, '-cf', tar, 'postfix');
  return tar;
}

function frames(): string {
  const bytes = readFileSync(tarOf([]));
  const packed = newPath('frames.tar.zst');
  for (const part of [bytes.subarray(0, 10_000), bytes.subarray(10_000)]) {
    const piece = newPath('piece');
    writeFileSync(piece, part);
    run('zstd', '-q', piece);
    appendFileSync(packed, readFileSync(`${piece}.zst`));
  }
  return packed;
}

describe('a tar of a whole queue', () => {
  test.each(TARS)('%s: every message and log, as a backup takes them', (_, make) => {
    const { result, archive, report } = imported(make());
    expect([result.status, result.stderr]).toEqual([0, '']);
    expect(report).toMatchObject({ source: 'tar', messages: expected.length, skipped: [], left: 0, settled: true });
    const found = listed(archive);
    expect(found.map((line) => [nameOf(line), line.fingerprint])).toEqual(
      expected.map((line) => [nameOf(line), line.fingerprint]),
    );
    expect(found.map((line) => Object.entries(line).filter(([member]) => member === 'recipients'))).toEqual(
      expected.map((line) => Object.entries(line).filter(([member]) => member === 'recipients')),
    );
    expect(postsnap(['verify', archive])).toMatchObject({ status: 0 });
  });

  test('from stdin to stdout', () => {
    const tar = tarOf(['-z']);
    const archive = newPath('piped.tar.zst');
    const bytes = execFileSync('sh', ['-c', `node bin/postsnap.js import - - <'${tar}'`], {
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    writeFileSync(archive, bytes);
    expect(listed(archive)).toHaveLength(expected.length);
  });

  test('a person is told what was taken, and what to do next', () => {
    const archive = newPath('told.tar.zst');
    const { status, stdout, stderr } = postsnap(['import', tarOf([]), archive]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${expected.length} messages of the tar in ${archive}`);
    expect(stdout).toContain(`Next: postsnap verify ${archive}`);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
  });

  test('goes through every command, and into a queue', () => {
    const { archive } = imported(tarOf(['--zstd']), '--hostname', 'mail.example.com');
    const target = makeEmptyQueue(newPath('target'));
    expect(postsnap(['info', archive])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/mail\.example\.com(?:.|\n)*Made of +a tar of a queue/u),
    });
    expect(JSON.parse(postsnap(['info', '-j', archive]).stdout)).toMatchObject({ source: 'tar' });
    const dry = postsnap(['restore', '-n', '-j', ...queueOptions(target), archive]);
    expect(dry.status).toBe(0);
    expect(messagesIn(target)).toEqual([]);
    const { status, stdout } = postsnap(['restore', '-j', ...queueOptions(target), archive]);
    expect(status).toBe(0);
    expect(messagesIn(target)).toHaveLength(Number(JSON.parse(stdout).restored));
    const [first] = expected;
    expect(postsnap(['cat', archive, first === undefined ? '' : nameOf(first)]).status).toBe(0);
  });
});

describe('a part of a queue', () => {
  test.each([
    ['maildrop alone', ['maildrop'], ['maildrop']],
    ['deferred and defer', ['deferred', 'defer'], ['deferred']],
    ['defer behind deferred, from within', ['./deferred', './defer'], ['deferred']],
    ['hold', ['hold'], ['hold']],
  ])('%s', (_, names, queues) => {
    const { result, archive } = imported(tarOf([], names, queue));
    expect(result.status).toBe(0);
    const of = expected.filter(({ queue_name }) => queues.includes(queue_name));
    expect(listed(archive).map(nameOf)).toEqual(of.map(nameOf));
    expect(of.length).toBeGreaterThan(0);
  });

  test('logs whose messages are not in it are named, and no fault', () => {
    const { result, report } = imported(tarOf([], ['postfix/hold', 'postfix/defer']));
    const held = new Set(readdirSync(join(queue, 'hold')));
    const logs = readdirSync(join(queue, 'defer'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => !statSync(join(queue, 'defer', name)).isDirectory() && !held.has(basename(name)),
    );
    expect(logs.length).toBeGreaterThan(0);
    expect(result.status).toBe(0);
    expect(report.skipped.map(({ name }) => name).sort()).toEqual(logs.map((name) => `postfix/defer/${name}`).sort());
    expect(new Set(report.skipped.map(({ reason, missing }) => `${reason} ${missing}`))).toEqual(
      new Set(['the tar does not hold the message of this log false']),
    );
  });

  test('queues without mail make an archive without mail', () => {
    const empty = makeEmptyQueue(newPath('empty'));
    expect(imported(tarOf([], ['.'], empty)).report).toMatchObject({ messages: 0 });
  });
});

describe('what is chosen of a tar', () => {
  test('is what list chooses of the archive of all, and nothing else', () => {
    const { archive: all } = imported(tarOf([]));
    for (const chosen of [
      ['--queues', 'deferred'],
      ['--sender', '/./', '--exclude-queues', 'hold'],
      ['--larger', '1'],
    ]) {
      const { result, archive, report } = imported(tarOf([]), ...chosen);
      const of = postsnap(['list', '-j', ...chosen, all])
        .stdout.split('\n')
        .filter((line) => line !== '');
      expect([result.status, of.length > 0]).toEqual([0, true]);
      expect(listed(archive).map(nameOf)).toEqual(of.map((line) => nameOf(JSON.parse(line))).sort());
      expect(report).toMatchObject({ messages: of.length, not_selected: expected.length - of.length });
      expect(postsnap(['verify', archive]).status).toBe(0);
    }
  });

  test('by IDs behind the archive, which are named where the tar has none such', () => {
    const [first] = expected;
    const id = first === undefined ? '' : first.queue_id;
    const archive = newPath('ids.tar.zst');
    const result = postsnap(['import', tarOf([]), archive, `${id}*`, '00000FFFFFF']);
    expect([result.status, result.stderr]).toEqual([1, expect.stringContaining('00000FFFFFF: no such message')]);
    expect(listed(archive).map(({ queue_id }) => queue_id)).toEqual([id]);
  });

  test('nothing: 1, and it says so; a pattern that is none: 64, and no archive', () => {
    const { result } = imported(tarOf([]), '--sender', 'nobody@nowhere.example');
    expect([result.status, result.stderr]).toEqual([1, expect.stringContaining('none of its messages was selected')]);
    const archive = newPath('none.tar.zst');
    expect(postsnap(['import', '--sender', '/(/', tarOf([]), archive]).status).toBe(64);
    expect(existsSync(archive)).toBe(false);
  });
});

/** A copy of the queue that a test may change. */
function copy(): string {
  const directory = newPath('copy');
  cpSync(queue, directory, { recursive: true, preserveTimestamps: true });
  return directory;
}

function oneOf(directory: string, queueName: string): { readonly path: string; readonly queueId: string } {
  const found = messagesIn(directory).find((message) => message.queueName === queueName);
  if (found === undefined) {
    throw new Error(`the sample queue has no message in ${queueName}`);
  }
  return found;
}

describe('what is not as it should be', () => {
  test('a message in two queues is taken once, where it was read last, and told', () => {
    const directory = copy();
    const { path, queueId } = oneOf(directory, 'deferred');
    cpSync(path, join(directory, 'active', queueId), { preserveTimestamps: true });
    const { result, archive, report } = imported(tarOf([], ['deferred', 'active', 'defer'], directory));
    expect(result.status).toBe(0);
    const doubles = report.skipped.filter(({ reason }) => !reason.includes('of this log'));
    expect(doubles).toMatchObject([{ missing: false, reason: expect.stringContaining('in active') }]);
    const places = listed(archive).filter((line) => line.queue_id === queueId);
    expect(places.map(({ queue_name }) => queue_name)).toEqual(['active']);
    expect(postsnap(['verify', archive]).status).toBe(0);
  });

  test('two messages of one ID are both taken', () => {
    const directory = copy();
    const { queueId } = oneOf(directory, 'deferred');
    cpSync(oneOf(directory, 'hold').path, join(directory, 'active', queueId));
    const { result, archive } = imported(tarOf([], ['.'], directory));
    expect(result.status).toBe(0);
    expect(listed(archive).filter((line) => line.queue_id === queueId)).toHaveLength(2);
    expect(postsnap(['verify', archive]).status).toBe(0);
  });

  test('what an appended tar holds twice is taken as the last', () => {
    const tar = tarOf([], ['.'], queue);
    run('tar', '-C', queue, '-rf', tar, './hold');
    const { result, archive, report } = imported(tar);
    expect(result.status).toBe(0);
    expect(report.skipped.every(({ missing, reason }) => !missing && reason.includes('again'))).toBe(true);
    expect(listed(archive)).toHaveLength(expected.length);
  });

  test('a file of an interrupted rename is taken by its ID', () => {
    const directory = copy();
    const { path, queueId } = oneOf(directory, 'hold');
    renameSync(path, `${path}#FIX`);
    const { result, archive } = imported(tarOf([], ['.'], directory));
    expect(result.status).toBe(0);
    expect(listed(archive).map(nameOf)).toContain(`hold/${queueId}`);
  });

  test('names that are no queue IDs are named: 1', () => {
    const directory = copy();
    writeFileSync(join(directory, 'hold', 'notes.txt'), 'what I did');
    writeFileSync(join(directory, 'hold', 'odd\u001b[31m'), '');
    const { result, archive, report } = imported(tarOf([], ['.'], directory));
    expect(result.status).toBe(1);
    expect(report.skipped.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['./hold/notes.txt', './hold/odd\u001b[31m']),
    );
    expect(result.stderr).toContain('hold/notes.txt: not in the archive');
    expect(result.stderr).not.toContain('\u001b');
    expect(listed(archive)).toHaveLength(expected.length);
  });

  test('a file that was still being written is named, and no fault; one that is whole is taken, whatever its mode', () => {
    const directory = copy();
    const { path } = oneOf(directory, 'hold');
    chmodSync(path, 0o644);
    writeFileSync(join(directory, 'incoming', '0000100001'), readFileSync(path).subarray(0, 200), { mode: 0o600 });
    const { result, archive, report } = imported(tarOf([], ['.'], directory));
    expect(result.status).toBe(0);
    expect(report).toMatchObject({ incomplete: 1, skipped: [{ missing: false }] });
    expect(result.stderr).toContain('modes that Postfix would pass over');
    expect(listed(archive)).toHaveLength(expected.length);
  });

  test('names of one file are one message', () => {
    const directory = copy();
    const { path, queueId } = oneOf(directory, 'hold');
    linkSync(path, join(directory, 'hold', `AAAAA${queueId.slice(5)}`));
    const { result, archive, report } = imported(tarOf([], ['.'], directory));
    expect(result.status).toBe(0);
    expect(report.skipped).toMatchObject([{ missing: false, reason: expect.stringContaining('another name') }]);
    expect(listed(archive)).toHaveLength(expected.length);
  });

  test('a message whose content the tar has under a name outside is taken by its link', () => {
    const directory = copy();
    const { path } = oneOf(directory, 'hold');
    mkdirSync(join(directory, 'aside'));
    renameSync(path, join(directory, 'aside', 'kept'));
    linkSync(join(directory, 'aside', 'kept'), path);
    const { result, archive } = imported(tarOf([], ['aside', ...QUEUES], directory));
    expect(result.status).toBe(0);
    expect(listed(archive)).toHaveLength(expected.length);
  });

  test.each([
    [
      'GNU tar, posix format',
      (tar: string, from: string) => run('tar', '-C', from, '--format=posix', '-Scf', tar, '.'),
    ],
    [
      'GNU tar, sparse 0.1',
      (tar: string, from: string) => run('tar', '-C', from, '--format=posix', '--sparse-version=0.1', '-Scf', tar, '.'),
    ],
    ['bsdtar', (tar: string, from: string) => run('bsdtar', '-C', from, '-cf', tar, '.')],
  ])('a file with a hole, %s', (_, make) => {
    const directory = makeEmptyQueue(newPath('holes'));
    const path = join(directory, 'saved', '0000100001');
    const content = readFileSync(oneOf(queue, 'hold').path);
    writeFileSync(path, content);
    truncateSync(path, 3_000_000);
    appendFileSync(path, 'the end');
    const tar = newPath('sparse.tar');
    make(tar, directory);
    expect(statSync(tar).size).toBeLessThan(1_000_000);
    const { result, archive } = imported(tar);
    expect(result.status).toBe(0);
    const out = execFileSync('sh', ['-c', `node bin/postsnap.js cat '${archive}' 0000100001`], { maxBuffer: 1 << 26 });
    expect(out.equals(readFileSync(path))).toBe(true);
  });

  test("a file with a hole in GNU tar's old form is named, with what helps: 1", () => {
    const directory = copy();
    const path = join(directory, 'saved', '0000100001');
    writeFileSync(path, 'x');
    truncateSync(path, 3_000_000);
    const { result, archive, report } = imported(tarOf(['-S', '--format=gnu'], ['.'], directory));
    expect(result.status).toBe(1);
    expect(report.skipped).toMatchObject([{ reason: expect.stringContaining('without --sparse') }]);
    expect(listed(archive)).toHaveLength(expected.length);
  });
});

describe('what is no tar of a queue', () => {
  test.each([
    ['cut in an entry', (bytes: Buffer) => bytes.subarray(0, 5000)],
    ['cut between entries', (bytes: Buffer) => bytes.subarray(0, 1536)],
    ['cut, packed by gzip', (bytes: Buffer) => gzipSync(bytes).subarray(0, 3000)],
    ['damaged, packed by gzip', (bytes: Buffer) => flipped(gzipSync(bytes))],
    ['with a damaged header', (bytes: Buffer) => flipped(bytes, 520)],
    ['empty', () => Buffer.alloc(0)],
    ['a text', () => Buffer.from('From: someone\n'.repeat(100))],
  ])('%s: 65, and no archive', (_, change) => {
    const tar = newPath('bad.tar');
    writeFileSync(tar, change(readFileSync(tarOf([]))));
    const { result, archive } = imported(tar);
    expect(result.status).toBe(65);
    expect(result.stderr).toMatch(/^postsnap: fatal: /u);
    expect(existsSync(archive)).toBe(false);
  });

  test('damaged, packed by zstd: 65', () => {
    const tar = tarOf(['--zstd']);
    writeFileSync(tar, flipped(readFileSync(tar)));
    expect(imported(tar).result.status).toBe(65);
  });

  test('another tar, and an archive of postsnap, are told as such', () => {
    const other = tarOf([], ['etc'], queue);
    expect(imported(other).result).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('holds no queue of Postfix'),
    });
    const archive = join(scratch, 'backup.tar.zst');
    expect(imported(archive).result).toMatchObject({ status: 65, stderr: expect.stringContaining('already') });
  });

  test('two queue directories: the one to take is to be named', () => {
    const tar = newPath('two.tar');
    cpSync(queue, newPath('second'), { recursive: true });
    const second = `${made}-second`;
    run('tar', '-C', scratch, '-cf', tar, 'var/spool/postfix', second);
    const { result } = imported(tar);
    expect(result).toMatchObject({ status: 64, stderr: expect.stringContaining('--directory') });
    const chosen = imported(tar, '--directory', `./${second}/`);
    expect(chosen.result.status).toBe(0);
    expect(listed(chosen.archive)).toHaveLength(expected.length);
  });

  test.each([
    ['bzip2', 'bzip2 -dc', Buffer.from('BZh91AY')],
    ['xz', 'xz -dc', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0])],
  ])('packed by %s: the command that unpacks it is told', (_, command, bytes) => {
    const tar = newPath('packed');
    writeFileSync(tar, bytes);
    expect(imported(tar).result).toMatchObject({ status: 64, stderr: expect.stringContaining(command) });
  });

  test('a window that is too big: the command that unpacks it is told', () => {
    const packed = newPath('long.tar.zst');
    run('sh', '-c', `head -c 20000000 /dev/zero | zstd -q --ultra -22 --long=27 >'${packed}'`);
    expect(imported(packed).result).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('zstd -dc --long=31'),
    });
  });

  test('nothing stays behind of an import that failed', () => {
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

function flipped(bytes: Buffer, at = Math.floor(bytes.length / 2)): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}
