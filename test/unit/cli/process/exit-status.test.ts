import { describe, expect, test } from 'vitest';
import { exitStatusOf } from '../../../../src/cli/process/exit-status.ts';
import { ArchiveError, BusyError, InterruptedError, OperatorError, SystemError } from '../../../../src/errors.ts';

describe('each foreseen error has the exit status that the contract gives it', () => {
  test.each([
    [new ArchiveError('damaged', ''), 65],
    [new ArchiveError('incomplete', ''), 65],
    [new ArchiveError('hostile', ''), 65],
    [new ArchiveError('unknown-version', ''), 65],
    [new OperatorError('usage', ''), 64],
    [new OperatorError('not-found', ''), 66],
    [new OperatorError('unavailable', ''), 69],
    [new OperatorError('output-exists', ''), 73],
    [new OperatorError('not-permitted', ''), 77],
    [new OperatorError('configuration', ''), 78],
    [new BusyError('locked', ''), 75],
    [new BusyError('postfix-running', ''), 75],
    [new SystemError('refused', '', { errno: 'EPERM' }), 71],
    [new SystemError('io', '', { errno: 'ENOSPC' }), 74],
    [new InterruptedError(''), 130],
  ])('%o: %i', (error, status) => {
    expect(exitStatusOf(error)).toBe(status);
  });
});

test('what nobody foresaw is a bug, whatever was thrown', () => {
  for (const thrown of [new Error('x'), new TypeError('x'), 'text', undefined, null, { code: 'damaged' }]) {
    expect(exitStatusOf(thrown)).toBe(70);
  }
});

test("an error of the system that no layer put into words is a read or write error, and no bug of postsnap's", () => {
  const error = Object.assign(new Error('EIO: i/o error, read'), { errno: -5, code: 'EIO', syscall: 'read' });
  expect(exitStatusOf(error)).toBe(74);
});
