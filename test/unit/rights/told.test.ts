import { assert, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveError, BusyError, InterruptedError, OperatorError, SystemError } from '../../../src/errors.ts';
import { decodeTold, encodeTold, hasMembers, type Told, toldError } from '../../../src/rights/told.ts';
import { decodeError } from '../../../src/worker/plain-error.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

const again = (told: Told): Told | undefined => decodeTold(JSON.parse(encodeTold(told)));

describe('what is told', () => {
  it.each<Told>([
    { kind: 'event', event: { kind: 'warning', message: 'look' } },
    { kind: 'event', event: { kind: 'progress', phase: 'reading', done: 1, total: 2 } },
    { kind: 'event', event: { kind: 'progress', phase: 'reading', done: 1, total: 2, unit: 'messages' } },
    { kind: 'rows', rows: [{ a: 1 }, null] },
    { kind: 'report', report: { messages: 1 } },
  ])('comes out as it went in: $kind', (told) => {
    expect(again(told)).toEqual(told);
  });

  it.each([
    new ArchiveError('hostile', 'no', { path: '/a', nextStep: 'Look.' }),
    new OperatorError('not-permitted', 'no'),
    new BusyError('locked', 'wait'),
    new SystemError('io', 'full', { errno: 'ENOSPC' }),
    new InterruptedError('stopped', { state: 'untouched' }),
    errnoError('EACCES', 'open'),
    new TypeError('a bug'),
  ])('keeps the class and the code of an error: %s', (error) => {
    const told = again(toldError(error));
    expect(told?.kind).toBe('error');
    const found = told?.kind === 'error' ? decodeError(told.error) : undefined;
    expect(found).toMatchObject({ name: error.name, message: error.message });
    expect(Object(found)).toMatchObject('code' in error ? { code: error.code } : {});
  });

  it.each([
    ['a code that has no exit status', { kind: 'archive', code: 'toString', message: 'm' }],
    ['a class that is none', { kind: 'constructor', message: 'm' }],
    ['no message', { kind: 'busy', code: 'locked' }],
    ['a message that is no text', { kind: 'interrupted', message: 5 }],
    ['an error of the system without its name', { kind: 'system', code: 'io', message: 'm' }],
  ])('is refused: an error of %s', (_, error) => {
    expect(decodeTold({ kind: 'error', error })).toBeUndefined();
  });

  it('is refused without a throw, whatever it is', () => {
    assert(
      property(jsonValue(), (value) => {
        const told = decodeTold(value);
        return told === undefined || decodeTold(JSON.parse(encodeTold(told))) !== undefined;
      }),
    );
    expect(decodeTold({ kind: 'event', event: { kind: 'progress', phase: 'x', done: '1', total: 2 } })).toBeUndefined();
    expect(decodeTold({ kind: 'rows', rows: {} })).toBeUndefined();
  });
});

describe('hasMembers', () => {
  it('wants each member, of its kind', () => {
    const kinds = { count: 'number', name: 'string', is: 'boolean', all: 'array', by: 'object' } as const;
    expect(hasMembers({ count: 1, name: '', is: false, all: [], by: {}, more: 1 }, kinds)).toBe(true);
    expect(hasMembers({ count: 1, name: '', is: false, all: [], by: [] }, kinds)).toBe(false);
    expect(hasMembers({ count: '1', name: '', is: false, all: [], by: {} }, kinds)).toBe(false);
    expect(hasMembers(null, kinds)).toBe(false);
  });
});
