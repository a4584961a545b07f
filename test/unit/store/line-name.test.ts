import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine, encodeLine, isChosenLine } from '../../../src/store/line-name.ts';

describe('the name of a line', () => {
  it.each([
    ['mail.example.org', '-', 'mail.example.org'],
    ['mx-1.example.org', '-', 'mx-1.example.org'],
    ['mx-1.example.org', 'postfix-out', 'mx-1.example.org-postfix-out'],
    ['mail.example.org', 'out', 'mail.example.org-out'],
    ['localhost', 'postfix-in', 'localhost-postfix-in'],
    ['mx-1', '-', 'mx%2D1'],
    ['..', '-', '%2E.'],
    ['.', '-', '%2E'],
    ['-rf.example', '-', '%2Drf.example'],
    ['a/../../etc', '-', 'a%2F..%2F..%2Fetc'],
    ['mäil', '-', 'm%C3%A4il'],
    ['100%', '-', '100%25'],
    ['', '-', '%'],
    ['a\n\u001b[31m', '-', 'a%0A%1B%5B31m'],
    ['a.example', 'v1.2', 'a.example-v1%2E2'],
    ['a.example', '', 'a.example-%'],
  ])('of host %j and instance %j is %s', (host, instance, name) => {
    expect(encodeLine({ host, instance })).toBe(name);
    expect(decodeLine(name)).toEqual({ host, instance });
  });

  it.each(['', '.', '..', '.hidden', 'a b', '%2f', '%41', 'mx%2D1.example.org', 'a.b--', 'a%', '%~00'])(
    'is never %j',
    (name) => {
      expect(decodeLine(name)).toBeUndefined();
    },
  );

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...Array.from('ab.-%/2DE~_')), maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...Array.from('a.-/')), minLength: 60, maxLength: 400 }),
  );
  const line = fc.record({ host: text, instance: fc.oneof(fc.constant('-'), text) });

  it('is one plain name of a bounded length, whatever the host and the instance are', () => {
    fc.assert(
      fc.property(line, (made) => {
        expect(encodeLine(made)).toMatch(/^[A-Za-z0-9_%][A-Za-z0-9_.%~-]{0,229}$/u);
      }),
      { numRuns: 1000 },
    );
  });

  it('is another for another line, and tells which line it is', () => {
    fc.assert(
      fc.property(line, line, (one, other) => {
        const [name, otherName] = [encodeLine(one), encodeLine(other)];
        expect(name === otherName).toBe(one.host === other.host && one.instance === other.instance);
        const decoded = decodeLine(name);
        expect(decoded).toBeDefined();
        expect(decoded?.host).toSatisfy((host: string) => host === one.host || host.includes('%~'));
        expect(isChosenLine(name, one)).toBe(true);
        expect(isChosenLine(name, other)).toBe(name === otherName);
      }),
      { numRuns: 1000 },
    );
  });

  it('is chosen by host, by instance, by both, or by nothing', () => {
    const name = encodeLine({ host: 'a.example', instance: 'postfix-out' });
    expect(isChosenLine(name, {})).toBe(true);
    expect(isChosenLine(name, { host: 'a.example' })).toBe(true);
    expect(isChosenLine(name, { host: 'b.example' })).toBe(false);
    expect(isChosenLine(name, { instance: 'postfix-out' })).toBe(true);
    expect(isChosenLine(name, { instance: '-' })).toBe(false);
    expect(isChosenLine('a.example', { instance: '-' })).toBe(true);
  });
});
