/** Archives, tars and mail logs that come through pipes and descriptors of a shell, for the commands that take them. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { makeEmptyQueue, messagesIn, queueOptions } from '../support/queue/sample-queue.ts';

vi.setConfig({ testTimeout: 60_000 });

const { scratch, source, archive } = backedUpQueue();

/** A name of its own for each. */
function fresh(name: string): string {
  return join(scratch, `${name}-${readdirSync(scratch).length}`);
}

/** `$IN` is what is read, `$OUT` what is written; `"$@"` is the command. */
function inBash(
  script: string,
  words: readonly string[],
  files: { readonly from?: string; readonly to?: string } = {},
) {
  const environment = { ...process.env, MAIL_CONFIG: '', TZ: 'UTC', IN: files.from ?? '', OUT: files.to ?? '' };
  const args = ['-c', `cd '${scratch}'; ${script}`, 'bash', process.execPath, COMMAND, ...words];
  return spawnSync('bash', args, { encoding: 'utf8', timeout: 50_000, env: environment });
}

/** How a shell gives a file under the name of something else; what stands behind it, `AFTER` says. */
const READING = [
  ['a descriptor', '"$@" /dev/fd/5 AFTER 5<"$IN"'],
  ['a descriptor, by proc', '"$@" /proc/self/fd/5 AFTER 5<"$IN"'],
  ['a pipe of the shell', '"$@" <(cat "$IN") AFTER'],
  ['standard input, by its name', '"$@" /dev/stdin AFTER <"$IN"'],
  ['a named pipe', 'mkfifo fifo.$$; cat "$IN" >fifo.$$ & "$@" fifo.$$ AFTER; s=$?; rm fifo.$$; exit $s'],
] as const;

describe.each(READING)('%s', (_, script) => {
  test('is read by cat as the file is', () => {
    const [id = ''] = messagesIn(source).map(({ queueId }) => queueId);
    const piped = inBash(script.replace('AFTER', id), ['cat', '--message'], { from: archive });
    expect(piped).toMatchObject({ status: 0, stderr: '', stdout: postsnap(['cat', '--message', archive, id]).stdout });
    expect(piped.stdout).not.toBe('');
  });

  test('is read by diff as the file is', () => {
    const piped = inBash(script.replace('AFTER', ''), ['diff', ...queueOptions(source)], { from: archive });
    expect([piped.status, piped.stderr]).toEqual([0, '']);
    expect(inBash(script.replace('AFTER', ''), ['diff', archive], { from: archive }).status).toBe(0);
  });

  test('is read by import as the file is', () => {
    const [tar, imported] = [fresh('tar'), fresh('imported')];
    expect(spawnSync('tar', ['-cf', tar, '-C', source, '.']).status).toBe(0);
    const piped = inBash(script.replace('AFTER', imported), ['import', '-q'], { from: tar });
    expect([piped.status, piped.stderr]).toEqual([0, '']);
    expect(JSON.parse(postsnap(['info', '-j', imported]).stdout).messages).toBe(messagesIn(source).length);
  });

  test('is read by --since-log as the file is', () => {
    const log = fresh('log');
    writeFileSync(log, `${new Date(Date.now() + 60_000).toISOString()} mail postfix/qmgr[1]: 1A2B3C4D5E: removed\n`);
    const words = ['restore', '-n', '-j', ...queueOptions(makeEmptyQueue(fresh('target'))), archive];
    const told = (text: string): object => JSON.parse(text).log;
    const piped = inBash(script.replace('AFTER', ''), [...words, '--since-log'], { from: log });
    expect([piped.status, piped.stderr]).toEqual([0, expect.not.stringContaining('fatal')]);
    const asFile = postsnap([...words, '--since-log', log]);
    expect(told(piped.stdout)).toEqual(told(asFile.stdout));
  });
});

test('import writes into a descriptor and a named pipe as backup does', () => {
  const [tar, through] = [fresh('tar'), fresh('through')];
  expect(spawnSync('tar', ['-cf', tar, '-C', source, '.']).status).toBe(0);
  for (const script of [
    '"$@" /dev/fd/5 5>"$OUT"',
    'mkfifo "$OUT.fifo"; cat "$OUT.fifo" >"$OUT" & "$@" "$OUT.fifo" && wait',
  ]) {
    expect(inBash(script, ['import', '-q', tar], { to: through })).toMatchObject({ status: 0, stderr: '' });
    expect(postsnap(['verify', '-q', through]).status).toBe(0);
  }
});

describe('an archive behind other bytes, which nobody could read, is refused', () => {
  const REFUSED = { status: 73, stderr: expect.stringMatching(/holds \d+ bytes already\. .* > in place of >>\.\n$/u) };

  test.each([
    ['a descriptor', '"$@" /dev/fd/5 5>>"$OUT"'],
    ['standard output', '"$@" - >>"$OUT"'],
    ['standard output, by its name', '"$@" /dev/stdout >>"$OUT"'],
  ])('%s', (_, script) => {
    const [to, tar] = [fresh('appended'), fresh('tar')];
    expect(spawnSync('tar', ['-cf', tar, '-C', source, '.']).status).toBe(0);
    const backup = ['backup', '-q', ...queueOptions(source)];
    expect(inBash(script, backup, { to })).toMatchObject({ status: 0, stderr: '' });
    const { size } = statSync(to);
    expect(inBash(script, backup, { to })).toMatchObject(REFUSED);
    expect(inBash(script, ['import', '-q', tar], { to })).toMatchObject(REFUSED);
    expect(statSync(to).size).toBe(size);
    expect(postsnap(['verify', '-q', to]).status).toBe(0);
    appendFileSync(to, readFileSync(archive));
    expect(postsnap(['verify', to]).stderr).toContain(`the first ${size} bytes of it are a whole archive`);
  });
});

describe('a pipe whose other end nobody opens is waited for, and that is said', () => {
  test.each([
    ['verify', () => ['verify', '-q'], 'nobody writes to the pipe'],
    ['backup', () => ['backup', '-q', ...queueOptions(source)], 'nobody reads the pipe'],
    ['restore', () => ['restore', '-q', ...queueOptions(makeEmptyQueue(fresh('target')))], 'nobody writes to the pipe'],
  ])('by %s', (_, words, told) => {
    const pipe = fresh('pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const late = words()[0] === 'backup' ? `cat ${pipe} >"$OUT"` : `cat "$IN" >${pipe}`;
    const to = fresh('through');
    const { status, stderr } = inBash(`(sleep 6; ${late}) & "$@" ${pipe} && wait`, words(), { from: archive, to });
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^[^\\n]*warning: ${told} ${pipe} yet`, 'u')),
    ]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(to) ? postsnap(['verify', '-q', to]).status : 0).toBe(0);
  });
});
