import { expect, it } from 'vitest';
import {
  ArchiveError,
  BusyError,
  InterruptedError,
  OperatorError,
  type PostsnapError,
  SystemError,
} from '../../../src/errors.ts';
import { parsePlainError } from '../../../src/worker/parse-plain-error.ts';
import { decodeError, encodeError } from '../../../src/worker/plain-error.ts';

const details = { path: '/q', nextStep: 'Mend it.' };

function sent(error: unknown): Error {
  const plain = parsePlainError(JSON.parse(JSON.stringify(encodeError(error))));
  if (plain === undefined) {
    throw new Error('it stands for no error');
  }
  return decodeError(plain);
}

it.each<PostsnapError>([
  new ArchiveError('damaged', 'frame 3', { ...details, remedy: 'salvage' }),
  new OperatorError('not-found', 'no queue', { remedy: 'name-other-queue' }),
  new BusyError('restore-unfinished', 'it waits', details),
  new SystemError('io', 'EIO', { ...details, errno: 'EIO' }),
  new InterruptedError('stopped'),
  new InterruptedError(undefined, { state: 'goes-on' }),
])('comes out of another process as it went in: %s', (error) => {
  const { message, code, path, nextStep, remedy } = error;
  const arrived = sent(error);
  expect(arrived).toBeInstanceOf(error.constructor);
  expect(arrived).toMatchObject({ message, code, path, nextStep, remedy });
});

it('keeps the errno of a call that nobody has put into words', () => {
  const error = Object.assign(new Error('EIO: read'), { code: 'EIO', errno: -5 });
  expect(sent(error)).toMatchObject({ message: 'EIO: read', code: 'EIO', errno: -5 });
});

it('drops a remedy that there is none of', () => {
  const plain = { kind: 'archive', code: 'damaged', message: 'x', remedy: 'rm -rf' };
  expect(parsePlainError(plain)).toEqual({ kind: 'archive', code: 'damaged', message: 'x' });
});

it.each([
  null,
  'text',
  {},
  { kind: 'archive', code: 'damaged' },
  { kind: 'archive', code: 'odd', message: 'x' },
  { kind: 'toString', message: 'x' },
])('takes nothing else for an error: %j', (value) => {
  expect(parsePlainError(value)).toBeUndefined();
});
