import { expect, test } from 'vitest';
import { cutText, Fitting } from '../../../src/archive/fitting.ts';

test('what fits stays as it is, and nothing is said of it', () => {
  const fit = new Fitting();
  expect(fit.number('arrival_time', -5, -10)).toBe(-5);
  expect(fit.microseconds(999_999)).toEqual({ arrival_microseconds: 999_999 });
  expect(fit.microseconds(undefined)).toEqual({});
  expect(fit.sender('a'.repeat(8192))).toHaveLength(8192);
  expect(fit.shortened).toEqual([]);
});

test('what does not fit is the nearest that does, and is named', () => {
  const fit = new Fitting();
  expect(fit.number('arrival_time', 2 ** 63, -10)).toBe(8_640_000_000_000);
  expect(fit.number('message_size', -1, 0)).toBe(0);
  expect(fit.microseconds(-5)).toEqual({});
  expect(fit.recipient('ü'.repeat(9000))).toBe('ü'.repeat(8192));
  expect(fit.fault('x'.repeat(2000))).toHaveLength(1024);
  expect(fit.shortened).toEqual(['arrival_time', 'message_size', 'arrival_microseconds', 'recipients', 'malformed']);
});

test('a text is not cut within a character', () => {
  expect(cutText('a😀b', 2)).toBe('a');
  expect(cutText('a😀b', 3)).toBe('a😀');
});
