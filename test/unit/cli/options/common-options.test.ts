import { expect, test } from 'vitest';
import {
  commandWithCommonOptions,
  installationOptions,
  isVerbose,
} from '../../../../src/cli/options/common-options.ts';

function parse(...argv: string[]) {
  return commandWithCommonOptions('x').exitOverride().parse(argv, { from: 'user' }).opts();
}

test('-o is repeatable, the last of a name holds, and values may be empty or hold an equals sign', () => {
  const { option } = parse('-o', 'a=1', '-o', 'b = x=y', '-o', 'a=2', '-o', 'c=');
  expect({ ...option }).toEqual({ a: '2', b: 'x=y', c: '' });
});

test('a parameter may have any name', () => {
  const { option } = parse('-o', '__proto__=x');
  expect(Object.entries(option ?? {})).toEqual([['__proto__', 'x']]);
});

test('one parse does not leave overrides for the next', () => {
  parse('-o', 'a=1');
  expect({ ...parse().option }).toEqual({});
});

test('-v may be given more than once', () => {
  expect([isVerbose(parse()), isVerbose(parse('-v')), parse('-vv').verbose]).toEqual([false, true, 2]);
});

test('MAIL_CONFIG stands in for -c, as for the commands of Postfix', () => {
  expect(installationOptions(parse(), undefined)).toEqual({ overrides: {} });
  expect(installationOptions(parse(), '')).toEqual({ overrides: {} });
  expect(installationOptions(parse(), '/etc/postfix-out')).toMatchObject({ configDirectory: '/etc/postfix-out' });
  expect(installationOptions(parse('-c', '/etc/x'), '/etc/postfix-out')).toMatchObject({ configDirectory: '/etc/x' });
  expect(installationOptions(parse('--queue-directory', 'q'), undefined)).toMatchObject({ queueDirectory: 'q' });
});
