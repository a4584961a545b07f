import { expect, it } from 'vitest';
import { nextStepOf } from '../../../../src/cli/output/next-step.ts';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';
import { ArchiveError, BusyError, OperatorError } from '../../../../src/errors.ts';

it('puts a remedy into words that name the option', () => {
  expect(nextStepOf(new ArchiveError('damaged', 'x', { remedy: 'salvage' }))).toContain('restore --salvage');
  expect(nextStepOf(new OperatorError('usage', 'x', { remedy: 'choose-directory' }))).toContain('--directory');
});

it('lets the error speak for itself where it has a sentence of its own', () => {
  const error = new ArchiveError('damaged', 'x', { nextStep: 'Use another.', remedy: 'salvage' });
  expect(nextStepOf(error)).toBe('Use another.');
});

it('goes by the code where the error says nothing', () => {
  expect(nextStepOf(new BusyError('restore-unfinished', 'x'))).toContain('`postsnap restore --finish`');
  expect(nextStepOf(new BusyError('locked', 'x'))).toBeUndefined();
});

it('makes a command of it that can be pasted, where the file has a name', () => {
  const path = "two words' -";
  const commands = new QueueCommands({ queueDirectory: '/a b' });
  expect(nextStepOf(new ArchiveError('damaged', 'x', { remedy: 'salvage', path }), commands)).toContain(
    "`postsnap restore --salvage --dry-run --queue-directory '/a b' 'two words'\\'' -'`",
  );
  expect(nextStepOf(new ArchiveError('foreign', 'x', { remedy: 'import-tar', path: '-x' }))).toContain(
    'postsnap import -- -x ARCHIVE',
  );
  expect(nextStepOf(new ArchiveError('foreign', 'x', { remedy: 'decrypt', path }))).toContain(
    "age -d 'two words'\\'' -' | postsnap verify -",
  );
});

it('no command names a descriptor of a shell, which is gone by then', () => {
  const error = new ArchiveError('damaged', 'x', { remedy: 'salvage', path: '/dev/fd/63' });
  expect(nextStepOf(error)).toMatch(/restore --salvage\.$/u);
});
