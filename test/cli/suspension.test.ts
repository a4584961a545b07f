/** The progress bar on a real terminal: a narrow one, one that can't move its cursor, and Ctrl-Z. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { shellLine } from '../../src/cli/output/shell-words.ts';
import { COMMAND } from '../support/process/command.ts';
import { screenOf } from '../support/process/screen.ts';
import { census, messagesOf } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, OWNER, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, program, root } from '../support/torture/requirements.ts';

const SIZE = { columns: 40, rows: 100 };
const MESSAGES = 12;
const WAIT = { timeout: 40_000, interval: 50 };

/** A terminal of util-linux, in which a command runs. */
class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';

  constructor(command: string, term: string) {
    const sized = `stty cols ${SIZE.columns} rows ${SIZE.rows}; exec ${command}`;
    const env = { ...process.env, MAIL_CONFIG: '', TERM: term, PS1: '$ ', LC_ALL: 'C' };
    this.#child = spawn('script', ['-qec', sized, '/dev/null'], { env });
    this.#child.stdout.on('data', (chunk) => {
      this.#output += String(chunk);
    });
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  get written(): string {
    return this.#output;
  }

  get lines(): string[] {
    return screenOf(this.#output, SIZE);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null;
  }

  /** Whatever runs in it is hung up. */
  close(): void {
    this.#child.kill('SIGHUP');
  }
}

const isBar = (line: string): boolean => /\d% \d/u.test(line);
/** At the pace: what comes before it is over in no time. */
const isSlow = (line: string): boolean => /^\d+% \d+\/12, \d+(?:\.\d)? s left$/u.test(line);

describeWith([root, program('script', '--version')], 'on a terminal', () => {
  let scratch: string;
  let archive: string;
  let terminal: Terminal | undefined;
  let made = 0;
  beforeAll(() => {
    scratch = openScratch();
    ({ archive } = makeArchive(scratch, MESSAGES));
  });
  afterEach(() => terminal?.close());
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  /** An empty queue of root's, which root works in himself; or of another mail_owner. */
  const newTarget = ({ isRoots }: { isRoots: boolean }): { path: string; options: string[] } => {
    made += 1;
    const path = makeQueueDirectory(join(scratch, `target-${made}`), isRoots ? { uid: 0, gid: 0 } : OWNER);
    return { path, options: optionsFor(path, isRoots ? 'root' : undefined) };
  };

  /** It takes half a second for each message. */
  const slowRestore = (options: readonly string[]): string =>
    shellLine([process.execPath, COMMAND, 'restore', '--rate', '2/s', ...options, archive]);

  const open = (command: string, term = 'xterm'): Terminal => {
    terminal = new Terminal(command, term);
    return terminal;
  };

  test('of 40 columns the figures stay, and the bar gives way', async () => {
    const narrow = await barOf(open(slowRestore(newTarget({ isRoots: true }).options)));
    expect(narrow.lines.filter(isBar)).toHaveLength(1);
  });

  async function barOf(shown: Terminal): Promise<Terminal> {
    await expect.poll(() => shown.lines.some(isSlow), WAIT).toBe(true);
    return shown;
  }

  test('that can’t move its cursor there is no bar', async () => {
    const dumb = open(slowRestore([...newTarget({ isRoots: true }).options, '--rate', '10/s']), 'dumb');
    await expect.poll(() => dumb.hasEnded, WAIT).toBe(true);
    expect(dumb.written).toContain('Restored 12 messages');
    expect(dumb.written).not.toContain('%');
    expect(dumb.written).not.toContain('\u001B');
  });

  test.each([
    ['in one process', true],
    ['with a process of mail_owner’s', false],
  ])('Ctrl-Z and fg leave no stale line, %s', async (_, isRoots) => {
    const shell = open('bash --norc --noprofile --noediting -i');
    shell.type(`${slowRestore(newTarget({ isRoots }).options)}\n`);
    await barOf(shell);
    shell.type('\x1a');
    await expect.poll(() => shell.lines.some((line) => line.includes('Stopped')), WAIT).toBe(true);
    shell.type('echo "$((20 + 3)) lines"\n');
    await expect.poll(() => shell.lines, WAIT).toContain('23 lines');
    expect(shell.lines.filter(isBar)).toEqual([]);
    shell.type('fg\n');
    await barOf(shell);
    expect(shell.lines.filter(isBar)).toHaveLength(1);
    await expect.poll(() => shell.written, WAIT).toContain('Restored 12 messages');
    expect(shell.lines.filter(isBar)).toEqual([]);
    expect(shell.lines).toContain('23 lines');
  });

  test.each([
    ['in one process', true],
    ['with a process of mail_owner’s', false],
  ])('where nobody could continue it, it goes on, %s', async (_, isRoots) => {
    // As under `ssh -t`: the command is the first process of the session, and its parent is in another.
    const { path, options } = newTarget({ isRoots });
    const alone = await barOf(open(slowRestore(options)));
    alone.type('\x1a');
    await expect.poll(() => alone.hasEnded, WAIT).toBe(true);
    expect(alone.written).toContain('Restored 12 messages');
    expect(messagesOf(census(path))).toHaveLength(MESSAGES);
  });
});
