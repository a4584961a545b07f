import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operands, shellLine, shellWord } from '../../../../src/cli/output/shell-words.ts';
import { printable } from '../../../../src/cli/output/stderr-line.ts';

/** What a shell makes of a line: its words. */
function wordsOf(line: string, shell = 'bash'): string[] {
  const { stdout } = spawnSync(shell, ['-c', `printf '%s\\0' ${line}`]);
  return stdout.toString().split('\0').slice(0, -1);
}

test.each([
  ['/backup/q.tar.zst', '/backup/q.tar.zst'],
  ['with space', "'with space'"],
  ["o'clock", "'o'\\''clock'"],
  ['$HOME', "'$HOME'"],
  ['a\nb', "$'a\\012b'"],
  ['\u202egpj', "$'\\342\\200\\256gpj'"],
  ["it's\n\\", "$'it\\047s\\012\\134'"],
  ['=curl', "'=curl'"],
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
      expect(wordsOf(line, 'sh')).toHaveLength(words.length);
    }),
    { numRuns: 10 },
  );
}, 30_000);

test('a shell that knows no escapes runs nothing of a word', () => {
  const line = shellLine(['printf', '%s\\n', "550 x\u202e'; echo run; #"]);
  expect(spawnSync('sh', ['-c', line]).stdout.toString().split('\n')).toHaveLength(2);
});

test('what begins with a dash stands behind two', () => {
  expect(operands(['-x', 'a'])).toEqual(['--', '-x', 'a']);
  expect(operands(['a'])).toEqual(['a']);
});
