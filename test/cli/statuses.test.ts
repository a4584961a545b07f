import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { makeEmptyQueue, messagesIn, queueOptions } from '../support/queue/sample-queue.ts';

const { scratch } = backedUpQueue();
let target: string;
beforeAll(() => {
  target = makeEmptyQueue(join(scratch, 'target'));
  writeFileSync(join(scratch, 'plain'), 'mine');
  mkdirSync(join(scratch, 'directory'));
});

/** Names below the scratch directory are written `@name`. */
function expand(words: string): string[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((word) =>
      word === 'Q' ? queueOptions(target) : [word.replace(/^@/u, `${scratch}/`).replace('EMPTY', '')],
    );
}

describe('a command line ends with the status of the contract', () => {
  test.each([
    // What is to be written can't be.
    [73, 'backup Q /nonexistent/x'],
    [73, 'backup Q @plain'],
    [73, 'backup Q @plain/x'],
    [73, 'backup Q @directory'],
    [73, 'backup Q @nosuch/'],
    [73, `backup Q @${'x'.repeat(300)}`],
    [73, 'backup Q /dev/null'],
    [73, 'backup Q /dev/full'],
    [73, 'restore Q --map @plain @queue.tar.zst'],
    [73, 'restore Q --map @directory @queue.tar.zst'],
    [73, 'restore Q --map /nonexistent/map @queue.tar.zst'],
    // What is to be read is not there, or is none.
    [66, 'restore Q @nosuch'],
    [66, 'restore Q @plain/x'],
    [66, 'restore --queue-directory @nosuch @queue.tar.zst'],
    [66, 'restore --queue-directory @plain @queue.tar.zst'],
    [66, 'backup --queue-directory @directory @never'],
    [66, 'restore Q @directory'],
    [65, 'restore Q @plain'],
    [65, 'verify @plain'],
    [65, 'list @plain'],
    // Nonsense.
    [64, ''],
    [64, 'nosuch'],
    [64, 'backup Q'],
    [64, 'backup Q EMPTY'],
    [64, 'restore Q EMPTY'],
    [64, 'restore Q --map EMPTY @queue.tar.zst'],
    [64, 'restore Q'],
    [64, 'restore Q @queue.tar.zst @plain'],
    [64, 'restore Q --into nowhere @queue.tar.zst'],
    [64, 'restore Q --queues nosuch @queue.tar.zst'],
    [64, 'restore Q --nosuch @queue.tar.zst'],
    [64, 'backup Q --level 99 @never'],
    [64, 'backup Q -o mail_owner @never'],
    [78, 'backup -c nosuch/postfix @never'],
    [64, 'backup Q @not-utf8-\uFFFD'],
    [78, 'backup Q -o hash_queue_depth=99 @never'],
    [69, 'restore Q -o mail_owner=nosuchuser @queue.tar.zst'],
    [0, '--help'],
    [0, 'restore --help'],
    [0, '--version'],
  ])('%i: %s', (expected, words) => {
    const before = readdirSync(scratch).sort();
    const { status, stdout, stderr } = postsnap(expand(words));
    expect(status, stderr).toBe(expected);
    // verify tells on stdout what is damaged, if it is an archive at all.
    const tellsDamage = words.startsWith('verify') && !words.includes('@plain');
    expect(stdout === '').toBe(expected !== 0 && !tellsDamage);
    expect(stderr).not.toContain('bug in postsnap');
    expect(stderr).not.toMatch(/^\s+at /mu);
    expect(readdirSync(scratch).sort()).toEqual(before);
    expect(readFileSync(join(scratch, 'plain'), 'utf8')).toBe('mine');
    expect(messagesIn(target)).toEqual([]);
  });
});

/** Runs the command with its streams as a shell's redirections make them. */
function inShell(words: string, redirections: string): { status: number | null; stderr: string } {
  const quoted = expand(words).map((word) => `'${word}'`);
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { status, stderr } = spawnSync('sh', ['-c', `'${COMMAND}' ${quoted.join(' ')} ${redirections}`], {
    encoding: 'utf8',
    env: { ...process.env, MAIL_CONFIG: '', PATH: path },
  });
  return { status, stderr };
}

describe('standard streams', () => {
  test.each([
    [74, 'backup -q Q -', '>/dev/full'],
    [74, 'restore -n -j Q @queue.tar.zst', '>/dev/full'],
    [74, 'restore -n -j Q -', '<@queue.tar.zst >/dev/full'],
    [74, 'list @queue.tar.zst', '>/dev/full'],
    [74, 'verify -j @queue.tar.zst', '>/dev/full'],
    [74, '--help', '>/dev/full'],
    [65, 'list -', '</dev/null'],
    [65, 'restore Q -', '<&-'],
    // There is nowhere to complain to: the status tells all the same.
    [66, 'list @nosuch', '2>/dev/full'],
    [66, 'list @nosuch', '>&- 2>&- <&-'],
    [0, 'verify @queue.tar.zst', '>/dev/null 2>&-'],
  ])('%i: %s %s', (expected, words, redirections) => {
    const { status, stderr } = inShell(words, redirections.replaceAll('@', `${scratch}/`));
    expect(status, stderr).toBe(expected);
    expect(stderr).not.toContain('bug in postsnap');
  });

  test
    .runIf(process.platform === 'linux')
    .each(['list @queue.tar.zst', 'info @queue.tar.zst', 'verify -j @queue.tar.zst', '--help'])(
    'a closed stdout is 74, /dev/null is none, however it was opened: %s',
    (words) => {
      expect(inShell(words, '>&-').status).toBe(74);
      expect(inShell(words, '>/dev/null').status).toBe(0);
      // As Python's subprocess.DEVNULL is.
      expect(inShell(words, '1<>/dev/null').status).toBe(0);
    },
  );

  test.runIf(process.platform === 'linux')('a result for a closed stdout is 74, for /dev/null nothing is wrong', () => {
    const closed = inShell('backup -q Q -', '>&-');
    expect(closed).toEqual({ status: 74, stderr: expect.stringContaining("can't write to stdout: it is closed") });
    expect(inShell('backup -q Q -', '>/dev/null')).toEqual({ status: 0, stderr: '' });
    const id = JSON.parse(
      postsnap(['list', '-j', join(scratch, 'queue.tar.zst')]).stdout.split('\n')[0] ?? '',
    ).queue_id;
    expect(inShell(`cat @queue.tar.zst ${id}`, '>&-')).toMatchObject({ status: 74 });
  });
});
