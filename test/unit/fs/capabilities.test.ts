import { describe, expect, it, test } from 'vitest';
import { missingCapabilities, stepToRead } from '../../../src/fs/capabilities.ts';

describe('missingCapabilities', () => {
  const wanted = ['CAP_CHOWN', 'CAP_SETGID', 'CAP_SETUID'] as const;

  it('names what the kernel says is not there', () => {
    expect(missingCapabilities(wanted, 'Name:\tnode\nCapEff:\t000001ffffffffff\n')).toEqual([]);
    expect(missingCapabilities(wanted, 'CapEff:\t000001ffffffff3f\n')).toEqual(['CAP_SETGID', 'CAP_SETUID']);
    expect(missingCapabilities(wanted, 'CapEff:\t00000000000000c0\n')).toEqual(['CAP_CHOWN']);
  });

  it('names none where the system tells nothing', () => {
    expect(missingCapabilities(wanted, undefined)).toEqual([]);
  });
});

test('who is not root is told to be root', () => {
  expect(stepToRead(false)).toBe('Run this as root.');
});
