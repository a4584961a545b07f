import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../../../src/cli/output/shell-words.ts';
import { wrapped, wrappedCommand } from '../../../../src/cli/output/wrapped.ts';

test('lines are no longer than fits, unless a word is', () => {
  const text = wrapped('one two three four', '  ', 9);
  expect(text).toBe('one two\n  three\n  four');
  expect(wrapped('a-very-long-word b', '', 5)).toBe('a-very-long-word\nb');
});

test('a shell reads a command of several lines as the one that was meant', () => {
  const words = ['printf', '%s|', ...Array.from({ length: 40 }, (_, at) => `word ${at} it's`)];
  const command = wrappedCommand(words.map(shellWord), '  ');
  const lines = command.split('\n');
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.every(({ length }) => length <= 79)).toBe(true);
  expect(execFileSync('sh', ['-c', `  ${command}`]).toString()).toBe(
    words
      .slice(2)
      .map((word) => `${word}|`)
      .join(''),
  );
});
