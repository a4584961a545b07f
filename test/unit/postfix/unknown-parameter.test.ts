import { describe, expect, test } from 'vitest';
import { refuseUnknownParameters } from '../../../src/postfix/unknown-parameter.ts';

/** A Postfix that has two parameters, and a main.cf that defines a third. */
function postconf(calls: string[][], isBroken = false) {
  return (_: string, args: readonly string[]) => {
    calls.push([...args]);
    const isBuiltIn = args[0] === '-d';
    const own = isBuiltIn ? '' : 'spool_root = /srv\n';
    return { status: isBroken && !isBuiltIn ? 1 : 0, stdout: `smtp_bind_address = \nrelayhost =\n${own}`, stderr: '' };
  };
}

describe('an override', () => {
  test('of what postsnap reads asks nobody', () => {
    const calls: string[][] = [];
    refuseUnknownParameters({ overrides: { queue_directory: '/q' } }, postconf(calls));
    refuseUnknownParameters({}, postconf(calls));
    expect(calls).toEqual([]);
  });

  test('of another parameter of Postfix, or of one that main.cf defines, is taken', () => {
    const calls: string[][] = [];
    const overrides = { relayhost: 'x', spool_root: '/y' };
    refuseUnknownParameters({ configDirectory: '/etc/postfix', overrides }, postconf(calls));
    expect(calls).toEqual([['-c', '/etc/postfix']]);
  });

  test('of one that does not exist is refused, and the nearest name is told', () => {
    for (const isBroken of [false, true]) {
      expect(() => refuseUnknownParameters({ overrides: { queue_directroy: '/q' } }, postconf([], isBroken))).toThrow(
        expect.objectContaining({ code: 'usage', nextStep: 'The nearest name is queue_directory.' }),
      );
    }
  });

  test('without Postfix, only what postsnap reads is known', () => {
    expect(() => refuseUnknownParameters({ overrides: { relayhost: 'x' } }, () => undefined)).toThrow('relayhost');
  });
});
