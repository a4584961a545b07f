import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { makeEmptyQueue, messagesIn, queueOptions } from '../support/queue/sample-queue.ts';

const { scratch, source, archive } = backedUpQueue();

/** A name of its own for each. */
function fresh(name: string): string {
  return join(scratch, `${name}-${readdirSync(scratch).length}`);
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

/** Runs a script of sh, which is given the command as `"$@"`. */
function inShell(script: string, words: readonly string[], program: readonly string[] = []) {
  const [name = 'sh', ...args] = [...program, 'sh', '-c', script, 'sh', process.execPath, COMMAND, ...words];
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    env: { ...process.env, MAIL_CONFIG: '', TZ: 'UTC', PATH: path },
    cwd: scratch,
  });
  return { status, stdout, stderr };
}

const COMMANDS: readonly [string, () => string[]][] = [
  ['backup', () => ['backup', '-q', ...queueOptions(source), fresh('never')]],
  ['restore', () => ['restore', '-q', ...queueOptions(makeEmptyQueue(fresh('target'))), archive]],
  ['verify', () => ['verify', '-q', archive]],
];

describe.each(COMMANDS)('%s', (_name, words) => {
  test('says that the working directory is gone', () => {
    const given = words();
    const { status, stderr } = inShell('mkdir gone && cd gone && rmdir ../gone && "$@"', given);
    expect(stderr).toBe(
      'postsnap: fatal: the working directory is gone (ENOENT). Change into one that is there: cd /\n',
    );
    expect(status).toBe(71);
    expect(existsSync(given.at(-1) ?? '')).toBe(given[0] !== 'backup');
  });

  test.each([12, 20])('says that %i descriptors are too few for Node.js', (limit) => {
    const command = quoted([COMMAND, ...words()]);
    const { status, stderr } = inShell(`ulimit -n ${limit} && ${command}`, []);
    expect(stderr).toMatch(/^postsnap: fatal: too few files may be open at once for Node\.js .* ulimit -n 256\n$/u);
    expect(status).toBe(71);
  });

  test.each([24, 32, 48])('says that %i descriptors are too few', (limit) => {
    const { status, stderr } = inShell(`ulimit -n ${limit} && "$@"`, words());
    expect(stderr).toMatch(/^postsnap: fatal: too few files may be open at once: .* Allow more: ulimit -n 256\n$/u);
    expect(status).toBe(71);
  });

  test('does with 72 descriptors', () => {
    const { status, stderr } = inShell('ulimit -n 72 && "$@"', words());
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('too little memory', () => {
  test('is told before Node.js starts', () => {
    const command = quoted([COMMAND, 'verify', archive]);
    const { status, stderr } = inShell(`ulimit -v 500000 && ${command}`, []);
    expect(stderr).toMatch(/^postsnap: fatal: too little memory .* ulimit -v unlimited\n$/u);
    expect(status).toBe(71);
  });

  test.each(COMMANDS)('of addresses is no bug of %s', (_name, words) => {
    const { status, stderr } = inShell('ulimit -v 4000000 && "$@"', words());
    expect(stderr).not.toContain('bug in postsnap');
    expect(status).not.toBe(70);
    // The zstd of Node.js itself takes less; where V8 gets none it ends by a signal, and says so.
    if (status === 71) {
      expect(stderr).toMatch(/ulimit -v/u);
    }
  });
});

describeWithProgram('unshare', 'a read-only file system', () => {
  const readOnly = (directory: string, words: readonly string[]) =>
    inShell(
      `mount --bind '${directory}' '${directory}' && mount -o remount,bind,ro '${directory}' && exec "$@"`,
      words,
      ['unshare', '--mount', '--map-root-user'],
    );

  test('can be backed up', () => {
    const { status, stderr } = readOnly(source, ['backup', '-q', ...queueOptions(source), fresh('archive')]);
    expect([status, stderr]).toEqual([0, '']);
  });

  test.each(['restore', 'restore --dry-run', 'repair'])(
    'is named by %s, with no advice to make anything',
    (command) => {
      const target = makeEmptyQueue(fresh('target'));
      const words = [...command.split(' '), ...queueOptions(target), ...(command === 'repair' ? [] : [archive])];
      const { status, stderr } = readOnly(target, words);
      expect(stderr).toMatch(/Read-only file system \(EROFS\).*It is mounted read-only: mount it for writing/u);
      expect(stderr).not.toMatch(/by hand|make it mail_owner's/iu);
      expect(status).toBe(71);
      expect(messagesIn(target)).toEqual([]);
    },
  );
});

describe('a queue that Postfix never started on, with no hold', () => {
  test('is an empty queue', () => {
    const queue = makeEmptyQueue(fresh('new'));
    rmSync(join(queue, 'hold'), { recursive: true });
    mkdirSync(join(queue, 'pid'));
    const { status, stdout, stderr } = postsnap(['backup', '-j', ...queueOptions(queue), fresh('archive')]);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ messages: 0, unreadable: [] });
  });

  test.each(['restore', 'restore --dry-run'])(
    'gets the hint at postfix check from %s, as an empty directory',
    (words) => {
      const queue = makeEmptyQueue(fresh('new'));
      rmSync(join(queue, 'hold'), { recursive: true });
      const empty = fresh('empty');
      mkdirSync(empty);
      for (const target of [queue, empty]) {
        const { status, stderr } = postsnap([...words.split(' '), ...queueOptions(target), archive]);
        expect(stderr).toMatch(/: `postfix -c CONFIG_DIR check`\n$/u);
        expect(status).toBe(66);
      }
    },
  );
});

describe('within a queue directory no other file is made', () => {
  test.each([
    ['backup', (queue: string) => ['backup', ...queueOptions(queue), join(queue, 'deferred', 'new')]],
    [
      'restore --map',
      (queue: string) => ['restore', ...queueOptions(queue), '--map', join(queue, 'hold', 'new'), archive],
    ],
    ['import', (queue: string) => ['import', join(scratch, 'queue.tar'), join(queue, 'deferred', 'new')]],
    ['cat --all, made', (queue: string) => ['cat', '--all', join(queue, 'new'), archive]],
    ['cat --all, there', (queue: string) => ['cat', '--all', join(queue, 'deferred'), archive]],
  ])('by %s', (_name, words) => {
    const queue = makeEmptyQueue(fresh('queue'));
    expect(spawnSync('tar', ['-cf', join(scratch, 'queue.tar'), '-C', source, '.']).status).toBe(0);
    const { status, stderr } = postsnap(words(queue));
    expect(stderr).toContain('queue directory');
    expect(status).toBe(73);
    expect(messagesIn(queue)).toEqual([]);
    expect(existsSync(join(queue, 'new'))).toBe(false);
  });
});

test('no archive is written into a pipe of Postfix', () => {
  const queue = makeEmptyQueue(fresh('queue'));
  mkdirSync(join(queue, 'public'));
  const pipe = join(queue, 'public', 'qmgr');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const { status, stderr } = inShell('timeout 20 "$@"', ['backup', ...queueOptions(queue), pipe]);
  expect([status, stderr]).toEqual([73, expect.stringContaining('into the queue directory')]);
});

describe('the names of standard input and output', () => {
  test.each(['/dev/stdout', '/dev/fd/1'])('%s takes a backup as - does', (name) => {
    const { status, bytes, stderr } = postsnap(['backup', '-q', ...queueOptions(source), name]);
    expect([status, stderr]).toEqual([0, '']);
    expect(postsnap(['verify', '-q', '-'], { input: bytes }).status).toBe(0);
  });

  test.each(['/dev/stdin', '/dev/fd/0'])('%s is read as - is', (name) => {
    const input = readFileSync(archive);
    const target = makeEmptyQueue(fresh('target'));
    expect(postsnap(['verify', '-q', name], { input })).toMatchObject({ status: 0, stderr: '' });
    expect(postsnap(['list', name], { input }).stdout).toBe(postsnap(['list', archive]).stdout);
    expect(postsnap(['restore', '-q', ...queueOptions(target), name], { input })).toMatchObject({ status: 0 });
    expect(messagesIn(target)).toHaveLength(messagesIn(source).length);
  });

  /** As a shell runs it: descriptors and pipes are a shell's. */
  const inBash = (script: string, ...words: readonly string[]) =>
    spawnSync('bash', ['-c', script, 'bash', process.execPath, COMMAND, ...words], {
      encoding: 'utf8',
      timeout: 50_000,
      env: { ...process.env, MAIL_CONFIG: '', TZ: 'UTC' },
    });
  const verified = (path: string) => postsnap(['verify', '-q', path]).status;

  test.each([
    ['a descriptor', (to: string) => [`"$@" /dev/fd/5 5>${to}`]],
    ['a descriptor, by proc', (to: string) => [`"$@" /proc/self/fd/5 5>${to}`]],
    ['a pipe of the shell', (to: string) => [`"$@" >(cat >${to}); wait $!; sleep 1`]],
    ['a named pipe', (to: string) => [`mkfifo ${to}.pipe; cat ${to}.pipe >${to} & "$@" ${to}.pipe && wait`]],
    [
      'a named pipe that is read later',
      (to: string) => [`mkfifo ${to}.pipe; (sleep 2; cat ${to}.pipe >${to}) & "$@" ${to}.pipe && wait`],
    ],
  ])('%s takes a backup as - does', (_, scriptOf) => {
    const to = fresh('through');
    const { status, stderr } = inBash(scriptOf(to).join(''), 'backup', '-q', ...queueOptions(source));
    expect([status, stderr]).toEqual([0, '']);
    expect(verified(to)).toBe(0);
  });

  test('a copy of standard output is standard output, and messages never stand in an archive', () => {
    const to = fresh('through');
    const backup = ['backup', ...queueOptions(source)];
    expect(inBash(`"$@" /dev/fd/5 5>&1 >&5 2>${to}.told | cat >${to}`, ...backup)).toMatchObject({ stderr: '' });
    expect([verified(to), readFileSync(`${to}.told`, 'utf8')]).toEqual([0, expect.stringContaining('15 messages')]);
    expect(inBash('"$@" /dev/fd/5 5>&1', ...backup, '-j')).toMatchObject({ status: 64, stdout: '' });
    const refusal = expect.stringContaining("can't be written to stderr");
    expect(inBash('"$@" /dev/fd/5 5>&2', ...backup)).toMatchObject({ status: 64, stderr: refusal });
    expect(inBash('"$@" /dev/stderr', ...backup)).toMatchObject({ status: 64, stderr: refusal });
  });

  const READING = [
    ['a descriptor', (from: string) => `"$@" /dev/fd/5 5<${from}`],
    ['a pipe of the shell', (from: string) => `"$@" <(cat ${from})`],
    [
      'a slow pipe of the shell',
      (from: string) => `"$@" <(sleep 1; head -c 100 ${from}; sleep 1; tail -c +101 ${from})`,
    ],
    [
      'a named pipe',
      (from: string) => `mkfifo "$0.$$"; cat ${from} >"$0.$$" & "$@" "$0.$$"; s=$?; rm "$0.$$"; exit $s`,
    ],
  ] as const;

  test.each(READING)('%s is read as - is', (_, scriptOf) => {
    const script = `cd ${scratch}; ${scriptOf(archive)}`;
    expect(inBash(script, 'verify', '-q')).toMatchObject({ status: 0, stderr: '' });
    expect(inBash(script, 'info', '-j').stdout).toContain('"messages":15');
    expect(inBash(script, 'list').stdout).toBe(postsnap(['list', archive]).stdout);
    const target = makeEmptyQueue(fresh('target'));
    expect(inBash(script, 'restore', '-q', ...queueOptions(target))).toMatchObject({ status: 0 });
    expect(messagesIn(target)).toHaveLength(messagesIn(source).length);
  });

  test('a pipe that gives nothing, or not all, is told, and named', () => {
    expect(inBash('"$@" <(true)', 'verify')).toMatchObject({
      status: 65,
      stderr: expect.stringMatching(/\/dev\/fd\/\d+.*empty/u),
    });
    const cut = inBash(`"$@" <(head -c 3000 ${archive})`, 'verify');
    expect([cut.status, cut.stdout, cut.stderr]).toEqual([
      65,
      expect.stringMatching(/^\/dev\/fd\/\d+ is damaged\./u),
      expect.stringContaining('cut off'),
    ]);
  });

  test.each([
    ['reads', ['verify'], 'nobody writes to', ''],
    ['writes', ['backup'], 'nobody reads', '; no archive was written'],
  ])('a named pipe that nobody else opens is waited for, until it is interrupted: %s', (...[, words, told, end]) => {
    const pipe = fresh('pipe');
    spawnSync('mkfifo', [pipe]);
    const options = words[0] === 'backup' ? queueOptions(source) : [];
    const script = '"$@" & sleep 4; kill -TERM $!; wait $!';
    const { status, stderr } = inBash(script, ...words, ...options, pipe);
    expect(status).toBe(143);
    expect(stderr).toMatch(
      new RegExp(`^postsnap: warning: ${told} the pipe .*\\npostsnap: fatal: interrupted by SIGTERM${end}\\n$`, 'u'),
    );
  });
});
