import { describe, expect, test } from 'vitest';
import { domainOf, isToDo } from '../../../src/plan/mail-domain.ts';

describe('the domain of an address', () => {
  test.each([
    ['anna@Example.ORG', 'example.org'],
    ['"odd @ part"@example.org', 'example.org'],
    ['anna@far..example.', 'far.example'],
    ['anna@.far.example', 'far.example'],
    ['Root', 'root'],
    ['MAILER-DAEMON', 'MAILER-DAEMON'],
    ['.', '.'],
    [`x@${'a'.repeat(300)}`, 'a'.repeat(255)],
  ])('%s', (address, domain) => {
    expect(domainOf(address)).toBe(domain);
    expect(domainOf(domain)).toBe(domain);
  });
});

describe('a recipient', () => {
  test.each([
    [{}, true],
    [{ delay_reason: 'busy' }, true],
    [{ delay_reason: 'busy', bounce_reason: 'unknown' }, true],
    [{ bounce_reason: 'unknown' }, false],
  ])('of %o is to do: %s', (reasons, expected) => {
    expect(isToDo({ address: 'a@b', ...reasons })).toBe(expected);
  });
});
