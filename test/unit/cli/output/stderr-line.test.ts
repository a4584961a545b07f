import { describe, expect, test } from 'vitest';
import { fatalText, printable, severityLine } from '../../../../src/cli/output/stderr-line.ts';
import { ArchiveError, OperatorError, SystemError } from '../../../../src/errors.ts';

describe('fatalText', () => {
  test('says what failed, on which path, and the next step, in one line', () => {
    const error = new OperatorError('not-found', 'no such archive', {
      path: '/backup/queue.tar.zst',
      nextStep: 'name another.',
    });
    expect(fatalText(error)).toBe('postsnap: fatal: /backup/queue.tar.zst: no such archive. Name another.\n');
  });

  test('does not repeat a path that the message has', () => {
    const error = new SystemError('io', "can't read /spool/a: EIO", { path: '/spool/a', errno: 'EIO' });
    expect(fatalText(error)).toBe("postsnap: fatal: can't read /spool/a: EIO\n");
  });

  test('shows no stack for what was foreseen, and the whole of it for a bug', () => {
    expect(fatalText(new ArchiveError('damaged', 'frame 3'))).not.toContain('.test.ts');
    const bug = fatalText(new TypeError('x is undefined'));
    expect(bug).toMatch(/^postsnap: fatal: this is a bug in postsnap: please report it/u);
    expect(bug).toContain('TypeError: x is undefined');
    expect(bug).toContain('stderr-line.test.ts');
  });

  test('has words for what the system answered where nobody foresaw it', () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, open '/a'"), {
      code: 'ENOSPC',
      errno: -28,
      syscall: 'open',
      path: '/a',
    });
    expect(fatalText(error)).toBe(
      'postsnap: fatal: a call of the system failed (open /a): No space left on device (ENOSPC)\n',
    );
    const bare = Object.assign(new Error('EIO'), { code: 'EIO', errno: -5 });
    expect(fatalText(bare)).toBe('postsnap: fatal: a call of the system failed: Input/output error (EIO)\n');
  });

  test('tells of a bug when something other than an error was thrown', () => {
    expect(fatalText('odd')).toContain('  odd\n');
  });
});

test('control characters of names and reasons do not reach the terminal', () => {
  const hostile = 'a\u001b[2Jb\nc\u009bd\u007f';
  expect(printable(hostile)).toBe('a?[2Jb?c?d?');
  expect(severityLine('warning', hostile)).toBe('postsnap: warning: a?[2Jb?c?d?\n');
});

test('letters beyond ASCII stay', () => {
  expect(printable('Jürgen 日本 🙂')).toBe('Jürgen 日本 🙂');
});

test('what breaks a line or turns the direction of writing is a question mark, too', () => {
  expect(printable('a\u2028b\u2029c\u202ed\u2066e\u200ff')).toBe('a?b?c?d?e?f');
});
