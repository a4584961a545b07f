import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../../src/errors.ts';
import { addressTest, reasonTest } from '../../../src/plan/text-pattern.ts';

describe('an address', () => {
  test.each([
    ['a@example.com', 'a@example.com', true],
    ['A@Example.COM', 'a@eXample.com', true],
    ['<a@example.com>', 'a@example.com', true],
    ['a@example.com', 'ba@example.com', false],
    ['a@example.com', 'a@example.com.org', false],
    ['<>', 'MAILER-DAEMON', true],
    ['mailer-daemon', 'MAILER-DAEMON', true],
    ['<>', 'a@example.com', false],
    ['root', 'root', true],
    ['root', 'root@example.com', false],
    ['@example.com', 'a@EXAMPLE.com', true],
    ['@example.com', '"a@b c"@example.com', true],
    ['@example.com', 'a@sub.example.com', false],
    ['@example.com', 'a@notexample.com', false],
    ['@example.com', 'example.com', false],
    ['/^bounce-.*@/', 'Bounce-17@example.com', true],
    ['/example/', 'a@sub.example.com', true],
    ['/^example/', 'a@sub.example.com', false],
    ['/a/b/', 'x a/b', true],
    ['/ü@/', 'Ü@example.com', true],
  ])('%s and %s: %s', async (pattern, address, expected) => {
    expect((await addressTest(pattern))(address)).toBe(expected);
  });
});

describe('a pattern that is none is a usage error, which says why', () => {
  test.each([
    ['timed out', 'is no pattern'],
    ['/', 'is no pattern'],
    ['//', 'is no pattern'],
    ['/x', 'is no pattern'],
    ['/x/i', 'is no pattern'],
    ['/(/', 'missing closing'],
    ['/(a)\\1/', 'invalid escape'],
    ['/(?=a)/', 'Perl syntax'],
    ['/((a{100}){100}){100}/', 'repeat count'],
    [`/${'a'.repeat(1001)}/`, '1000 characters'],
  ])('%s', async (pattern, reason) => {
    const failure = await reasonTest(pattern).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect(failure).toMatchObject({ code: 'usage', message: expect.stringContaining(reason) });
  });
});

test('what strangers write costs no more than its length, whatever the pattern', async () => {
  // Each of these takes an engine that backtracks longer than anybody waits.
  const patterns = ['/^(a+)+$/', '/^(a|a)*$/', '/^(.*a){20}$/', '/(x+x+)+y/'];
  const hostile = `${'a'.repeat(50_000)}${'x'.repeat(50_000)}!`;
  for (const pattern of patterns) {
    const fits = await reasonTest(pattern);
    const start = performance.now();
    expect(fits(hostile)).toBe(false);
    expect(performance.now() - start).toBeLessThan(5000);
  }
});
