import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindOfReason } from '../../../src/plan/reason-kind.ts';

describe('the kind of a reason', () => {
  test.each([
    [
      'connect to mx1.example.com[192.0.2.7]:25: Connection timed out',
      'connect to *.example.com[*]:*: Connection timed out',
    ],
    [
      'connect to mx22.example.com[2001:db8::7]:25: Connection timed out',
      'connect to *.example.com[*]:*: Connection timed out',
    ],
    [
      'host mx.example.com[192.0.2.7] said: 450 4.7.1 <anna@example.org>: Greylisted, try again in 287 seconds',
      'host mx.example.com[*] said: 450 4.7.1 <*@*>: Greylisted, try again in * seconds',
    ],
    ['host mx[*] said: 421-4.7.0 try later, 0A1B2C3D4E', 'host mx[*] said: 421-4.7.0 try later, *'],
    ['lost connection with 192.0.2.7 at 2001:db8::1', 'lost connection with * at *'],
    ['host said: 250 ok, and 300 more', 'host said: 250 ok, and * more'],
    ['', ''],
  ])('%j is %j', (reason, kind) => {
    expect(kindOfReason(reason)).toBe(kind);
  });

  test('is its own kind, whatever the reason', () => {
    const piece = fc.constantFrom(
      '450 ',
      '4.7.1',
      'said: ',
      '[1::2]',
      'a@b',
      '*',
      '.',
      '@',
      ':',
      '7',
      'x',
      '-',
      '2001:db8::',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(piece, { maxLength: 200 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (reason) => {
        const kind = kindOfReason(reason);
        expect(kindOfReason(kind)).toBe(kind);
        expect(kind.length).toBeLessThanOrEqual(160);
      }),
      { numRuns: 200 },
    );
  });

  test('is found in a time that the length of a hostile text bounds', () => {
    const began = performance.now();
    for (const text of ['a'.repeat(100_000), '1:'.repeat(50_000), 'a.'.repeat(50_000), '[1'.repeat(50_000)]) {
      kindOfReason(text);
    }
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
