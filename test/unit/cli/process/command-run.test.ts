import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CommonOptions } from '../../../../src/cli/options/common-options.ts';
import { runSession } from '../../../../src/cli/process/command-run.ts';
import type { Session } from '../../../../src/cli/process/session.ts';
import { OutputClosed } from '../../../../src/cli/process/standard-output.ts';
import { ArchiveError, InterruptedError, SystemError } from '../../../../src/errors.ts';
import { fakeTerminal, recordingDisplay } from '../../../support/process/terminal.ts';

const OPTIONS: CommonOptions = { option: {}, verbose: 0, progress: true };

describe('the exit status', () => {
  test("is the work's, and what it wrote has arrived", async () => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async (session) => {
      session.output.write('result');
      return 1;
    });
    expect([status, terminal.stdout(), terminal.stderr()]).toEqual([1, 'result', '']);
  });

  test("is the error's, and whole lines written before it stay", async () => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async (session) => {
      session.output.write('line\n');
      throw new ArchiveError('damaged', 'frame 7 is damaged');
    });
    expect(status).toBe(65);
    expect(terminal.stdout()).toBe('line\n');
    expect(terminal.stderr()).toBe('postsnap: fatal: frame 7 is damaged\n');
  });

  test('is 74 where the result can not be written, and people are told that the work is done', async () => {
    const terminal = fakeTerminal();
    const output = {
      write: () => undefined,
      flush: () => {
        throw new SystemError('io', "can't write to stdout: ENOSPC", { errno: 'ENOSPC' });
      },
    };
    expect(await runSession({ ...terminal, output }, OPTIONS, async () => 0)).toBe(74);
    expect(terminal.stderr()).toContain('all is done, but its result is lost');
  });

  test('is 70 for a bug', async () => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async () => {
      throw new RangeError('oops');
    });
    expect(status).toBe(70);
    expect(terminal.stderr()).toContain('RangeError: oops');
  });
});

describe('a reader of stdout that has gone', () => {
  const closed = {
    write: () => undefined,
    flush: () => {
      throw new OutputClosed('gone');
    },
  };

  test('does not change the status of finished work, and is not worth a word', async () => {
    const terminal = fakeTerminal({ output: closed });
    expect(await runSession(terminal, OPTIONS, async () => 0)).toBe(0);
    expect(terminal.stderr()).toBe('');
  });

  test('is a quiet write error where the output is all that there is', async () => {
    const terminal = fakeTerminal({ output: closed });
    const status = await runSession(terminal, OPTIONS, async (session) => {
      session.output.flush();
      return 0;
    });
    expect([status, terminal.stderr()]).toEqual([74, '']);
  });

  test('is not to be confused with a full disk', async () => {
    const flush = () => {
      throw new SystemError('io', "can't write to stdout: ENOSPC", { errno: 'ENOSPC' });
    };
    const terminal = fakeTerminal({ output: { write: () => undefined, flush } });
    expect(await runSession(terminal, OPTIONS, async () => 0)).toBe(74);
    expect(terminal.stderr()).toContain('ENOSPC');
  });
});

describe('signals', () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the work with %i', async (name, expected) => {
    const terminal = fakeTerminal();
    const ended = runSession(terminal, OPTIONS, (session) => untilAborted(session.signal));
    await Promise.resolve();
    terminal.send(name);
    expect(await ended).toBe(expected);
    expect(terminal.stderr()).toBe(`postsnap: fatal: interrupted by ${name}\n`);
    expect(terminal.listeners()).toBe(0);
  });

  test('a wait that is cut off has the status of the signal also for the metrics', async () => {
    const terminal = fakeTerminal();
    let told: number | undefined;
    const ended = runSession(terminal, OPTIONS, async (session) => {
      try {
        return await setTimeout(60_000, 0, { signal: session.signal });
      } catch (error) {
        told = session.statusOf(error);
        throw error;
      }
    });
    await Promise.resolve();
    terminal.send('SIGTERM');
    expect([await ended, told]).toEqual([143, 143]);
  });

  test.each([
    ['untouched', 'the queue is as it was'],
    ['goes-on', 'the same command goes on'],
    ['no-archive', 'no archive was written'],
  ] as const)('how things stand after it is told: %s', async (state, words) => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async () => {
      terminal.send('SIGTERM');
      throw new InterruptedError('interrupted: 3 were released', { state });
    });
    expect(status).toBe(143);
    expect(terminal.stderr()).toBe(`postsnap: fatal: interrupted by SIGTERM: 3 were released; ${words}\n`);
  });

  test("an AbortError of Node's own counts as the interruption", async () => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async () => {
      terminal.send('SIGINT');
      throw new DOMException('aborted', 'AbortError');
    });
    expect(status).toBe(130);
    expect(terminal.stderr()).toBe('postsnap: fatal: interrupted by SIGINT\n');
  });

  test('another error after a signal is that error', async () => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async () => {
      terminal.send('SIGINT');
      throw new SystemError('io', 'disk full', { errno: 'ENOSPC' });
    });
    expect(status).toBe(74);
  });

  test('a signal that came too late leaves the status of the finished work', async () => {
    const terminal = fakeTerminal();
    const status = await runSession(terminal, OPTIONS, async () => {
      terminal.send('SIGINT');
      return 0;
    });
    expect(status).toBe(0);
  });
});

describe('what goes wrong beside the work', () => {
  const broken = { openLog: () => () => 'no room' };
  const LOG = 'the mail log has not all that is to be said of this run: no room';

  test('is a warning of a run that was done', async () => {
    const terminal = fakeTerminal(broken);
    expect(await runSession(terminal, OPTIONS, async () => 0, 'backup')).toBe(0);
    expect(terminal.stderr()).toBe(`postsnap: warning: ${LOG}\n`);
  });

  test('stands in the one line of a run that failed', async () => {
    const terminal = fakeTerminal(broken);
    const fail = async (session: Session) => {
      session.aside("can't write the metrics");
      throw new SystemError('io', 'disk full', { errno: 'ENOSPC', nextStep: 'Make room.' });
    };
    expect(await runSession(terminal, OPTIONS, fail, 'backup')).toBe(74);
    expect(terminal.stderr()).toBe(`postsnap: fatal: disk full. Make room. Besides, can't write the metrics; ${LOG}\n`);
  });
});

describe('stderr', () => {
  test('a warning is told once, the bar is taken away before it', async () => {
    const { display, calls } = recordingDisplay();
    const terminal = fakeTerminal({ progressBar: async () => display });
    await runSession(terminal, OPTIONS, async (session) => {
      session.onEvent({ kind: 'progress', phase: 'reading', done: 1, total: 2 });
      session.onEvent({ kind: 'warning', message: 'odd' });
      session.warn('odd');
      return 0;
    });
    expect(terminal.stderr()).toBe('postsnap: warning: odd\n');
    expect(calls).toEqual(['reading 1/2', 'clear', 'clear']);
  });

  test.each([{ progress: false }, { quiet: true } as const])('no bar with %o', async (options) => {
    const { display, calls } = recordingDisplay();
    const terminal = fakeTerminal({ progressBar: async () => display });
    await runSession(terminal, { ...OPTIONS, ...options }, async (session) => {
      session.onEvent({ kind: 'progress', phase: 'reading', done: 1, total: 2 });
      return 0;
    });
    expect(calls).toEqual([]);
  });

  test('--quiet leaves warnings and errors, and nothing else', async () => {
    const terminal = fakeTerminal();
    await runSession(terminal, { ...OPTIONS, quiet: true, verbose: 2 }, async (session) => {
      session.onEvent({ kind: 'progress', phase: 'reading', done: 1, total: 2 });
      session.remark('a remark');
      session.show('lines\n');
      session.warn('a warning');
      session.fail('an error');
      return 0;
    });
    expect(terminal.stderr()).toBe('postsnap: warning: a warning\npostsnap: fatal: an error\n');
  });

  test('--verbose tells the phases, each once', async () => {
    const terminal = fakeTerminal();
    await runSession(terminal, { ...OPTIONS, verbose: 1 }, async (session) => {
      for (const phase of ['reading', 'reading', 'writing']) {
        session.onEvent({ kind: 'progress', phase, done: 1, total: 2 });
      }
      return 0;
    });
    expect(terminal.stderr()).toMatch(/^postsnap: reading\npostsnap: writing\npostsnap: took .* s\n$/u);
  });
});
