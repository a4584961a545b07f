import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { barLine, canDrawBar, progressBar } from '../../../../src/cli/process/progress-bar.ts';

/** A stream that cli-progress takes for a terminal. */
function fakeTerminalStream() {
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test('shows phase, percentage and how much of how much', async () => {
  const { stream, text } = fakeTerminalStream();
  const bar = await progressBar(stream);
  bar.show({ kind: 'progress', phase: 'reading', done: 1_000_000, total: 4_000_000, unit: 'bytes' });
  bar.clear();
  await new Promise((resolve) => setImmediate(resolve));
  expect(text()).toContain('reading');
  expect(text()).toContain('25%');
  expect(text()).toContain('1.0 MB/4.0 MB');
});

test('clear may be called when nothing is shown, and a total of nothing shows nothing', async () => {
  const { stream, text } = fakeTerminalStream();
  const bar = await progressBar(stream);
  bar.clear();
  bar.show({ kind: 'progress', phase: 'reading', done: 0, total: 0 });
  bar.clear();
  await new Promise((resolve) => setImmediate(resolve));
  expect(text()).toBe('');
});

test.each([
  [true, 'xterm', true],
  [true, undefined, true],
  [true, 'dumb', false],
  [false, 'xterm', false],
])('a terminal: %s, TERM=%s: a bar is drawn: %s', (isTTY, term, drawn) => {
  expect(canDrawBar({ isTTY }, { TERM: term })).toBe(drawn);
});

test.each([
  [100, 'releasing  |====================--------------------| 50% 2,000/4,000, 3 min 5 s left'],
  [72, 'releasing  |=============-------------| 50% 2,000/4,000, 3 min 5 s left'],
  [52, 'releasing  |===---| 50% 2,000/4,000, 3 min 5 s left'],
  [50, 'releasing 50% 2,000/4,000, 3 min 5 s left'],
  [40, '50% 2,000/4,000, 3 min 5 s left'],
  [10, '50% 2,000'],
  [1, ''],
])('in %i columns', (width, line) => {
  const progress = { phase: 'releasing', done: 2000, total: 4000, secondsLeft: 185 };
  expect(barLine({ kind: 'progress', ...progress }, width)).toBe(line);
});
