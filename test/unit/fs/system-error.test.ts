import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { SystemError } from '../../../src/errors.ts';
import { errnoText } from '../../../src/fs/errno-text.ts';
import { errnoOf, systemError, unlessErrno, unlessRefused } from '../../../src/fs/system-error.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

const failed = { action: "can't write", path: '/a' };

describe('errnoOf', () => {
  it('reads the errno of a system error, and of nothing else', () => {
    expect(errnoOf(errnoError('EIO', 'write'))).toBe('EIO');
    expect(errnoOf(new Error('EIO'))).toBeUndefined();
    expect(errnoOf(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined();
    expect(errnoOf('EIO')).toBeUndefined();
  });

  it.each([
    [constants.errno.ESTALE, 'ESTALE'],
    [constants.errno.EDQUOT, 'EDQUOT'],
    [117, 'EUCLEAN'],
    [987_654, 'errno 987654'],
  ])('knows the name of errno %i that libuv has none for', (errno, name) => {
    const code = `Unknown system error -${errno}`;
    expect(errnoOf(Object.assign(new Error(`${code}, open '/a'`), { errno: -errno, code }))).toBe(name);
    expect(errnoOf(Object.assign(new Error('UNKNOWN: unknown error, lstat'), { errno: -errno, code: 'UNKNOWN' }))).toBe(
      name,
    );
  });
});

describe('systemError', () => {
  it.each([
    ['ENOSPC', 'io'],
    ['EDQUOT', 'io'],
    ['EIO', 'io'],
    ['EACCES', 'refused'],
    ['EXDEV', 'refused'],
  ])('takes %s for %s', (errno, code) => {
    const error = systemError(errnoError(errno, 'write', '/a'), { ...failed, nextStep: 'Do it.' });
    expect(error).toBeInstanceOf(SystemError);
    expect(error).toMatchObject({
      code,
      errno,
      path: '/a',
      nextStep: 'Do it.',
      message: `can't write /a: ${errnoText(errno)}`,
    });
  });

  it.each(['ENOSPC', 'EDQUOT'])('of %s has a next step where nobody knows a better one', (errno) => {
    expect(systemError(errnoError(errno, 'write', '/a'), failed)).toMatchObject({
      nextStep: expect.stringMatching(/ room .*, and run the same command again\.$/u),
    });
  });

  it('tells the call and its file, where these are not told already', () => {
    const { message } = systemError(errnoError('EIO', 'unlink', '/a/b'), failed) as Error;
    expect(message).toBe("can't write /a: Input/output error (EIO) (unlink /a/b)");
  });

  it('gives back what is no error of the system', () => {
    const bug = new TypeError('bug');
    expect(systemError(bug, failed)).toBe(bug);
    const told = new SystemError('io', 'told already', { errno: 'EIO' });
    expect(systemError(told, failed)).toBe(told);
  });
});

describe('unlessErrno', () => {
  it('stands for a call that may fail in a known way', () => {
    expect(unlessErrno(['ENOENT'], () => 1)).toBe(1);
    const failing = () => {
      throw errnoError('ENOENT', 'open');
    };
    expect(unlessErrno(['ENOENT'], failing)).toBeUndefined();
    expect(() => unlessErrno(['EIO'], failing)).toThrow('ENOENT');
  });
});

describe('unlessRefused', () => {
  it('is undefined for whatever the system answers, and throws what is no answer of it', () => {
    expect(unlessRefused(() => 1)).toBe(1);
    expect(unlessRefused(() => fail(errnoError('EIO', 'read')))).toBeUndefined();
    expect(() => unlessRefused(() => fail(new TypeError('a mistake')))).toThrow(TypeError);
  });
});

function fail(error: Error): never {
  throw error;
}
