import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operands, shellLine, shellWord } from '../../../../src/cli/output/shell-words.ts';
import { printable } from '../../../../src/cli/output/stderr-line.ts';

/** What bash makes of a line: its words. */
function wordsOf(line: string): string[] {
  const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${line}`]);
  return stdout.toString().split('\0').slice(0, -1);
}

test.each([
  ['/backup/q.tar.zst', '/backup/q.tar.zst'],
  ['with space', "'with space'"],
  ["o'clock", "'o'\\''clock'"],
  ['$HOME', "'$HOME'"],
  ['a\nb', "$'a\\012b'"],
  ['\u202egpj', "$'\\342\\200\\256gpj'"],
  ['', "''"],
])('%j is shown as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('a shell reads the words that were meant, and a line is shown as one', () => {
  const text = fc
    .string({ unit: 'binary' })
    .filter((each) => !each.includes('\0') && Buffer.from(each).toString() === each);
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (words) => {
      const line = shellLine(words);
      expect(line).toBe(printable(line));
      expect(wordsOf(line)).toEqual(words);
    }),
    { numRuns: 10 },
  );
}, 30_000);

test('what begins with a dash stands behind two', () => {
  expect(operands(['-x', 'a'])).toEqual(['--', '-x', 'a']);
  expect(operands(['a'])).toEqual(['a']);
});
