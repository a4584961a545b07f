import { expect, it } from 'vitest';
import { Asides } from '../../../../src/cli/process/asides.ts';

function asidesOf(...texts: string[]): Asides {
  const asides = new Asides();
  for (const text of texts) {
    asides.add(text);
  }
  return asides;
}

it('what went wrong beside the work is a warning, once', () => {
  const asides = asidesOf('the log is full', 'the log is full', 'no service');
  expect(asides.asWarnings()).toBe('postsnap: warning: the log is full\npostsnap: warning: no service\n');
  expect(asides.asWarnings()).toBe('');
});

it.each([
  ['postsnap: fatal: no disk\n', 'postsnap: fatal: no disk. Besides, the log is full; no service\n'],
  [
    'postsnap: fatal: no disk. Mount it.\n',
    'postsnap: fatal: no disk. Mount it. Besides, the log is full; no service\n',
  ],
])('it stands in the line that tells why a run failed: %j', (fatal, told) => {
  expect(asidesOf('the log is full', 'no service').besides(fatal)).toBe(told);
  expect(asidesOf().besides(fatal)).toBe(fatal);
});

it('it follows the lines of a bug', () => {
  const bug = 'postsnap: fatal: this is a bug\n  at x\n';
  expect(asidesOf('the log is full').besides(bug)).toBe(`${bug}postsnap: warning: the log is full\n`);
});
