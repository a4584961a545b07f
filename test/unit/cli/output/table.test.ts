import { expect, test } from 'vitest';
import { formatTable } from '../../../../src/cli/output/table.ts';

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  const rows = [
    ['queue', 'messages', 'note'],
    ['hold', '4', ''],
    ['deferred', '3,120', 'x'],
  ];
  expect(formatTable(rows, ['left', 'right', 'left'])).toBe(
    ['  queue     messages  note', '  hold             4', '  deferred     3,120  x', ''].join('\n'),
  );
});

test('a table without rows is no line at all', () => {
  expect(formatTable([], ['left'])).toBe('');
});
