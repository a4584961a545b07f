/** The help of every command: what a tired administrator asks of it. */

import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { describe, expect, test } from 'vitest';
import { describedProgram } from '../../../src/cli/program.ts';
import { fakeTerminal } from '../../support/process/terminal.ts';

const commands: readonly CommandUnknownOpts[] = describedProgram(fakeTerminal(), '1').commands.filter(
  (command) => command.name() !== 'help',
);

/** As one line: it is broken where the terminal ends. */
const helpOf = (command: CommandUnknownOpts): string => command.helpInformation().replaceAll(/\s+/gu, ' ');

describe.each(commands.map((command) => ({ name: command.name(), command })))('$name --help', ({ command }) => {
  const shown = command.createHelp().visibleOptions(command);

  test('says of each option what it is for', () => {
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter(({ description }) => description.split(' ').length < 2).map(({ flags }) => flags)).toEqual([]);
  });

  test('gives each short name to one option', () => {
    const names = shown.flatMap(({ flags }) => flags.match(/(?<![\w-])-\w\b/gu) ?? []);
    expect(names).toEqual([...new Set(names)]);
  });

  test('tells defaults as they are given, and no value of the program', () => {
    const twice = shown.filter((option) => command.createHelp().optionDescription(option).split('(default').length > 2);
    expect(twice.map(({ flags }) => flags)).toEqual([]);
    expect(helpOf(command)).not.toMatch(/\(default: ?(?:["'{[]|undefined|null|true|false|\))/u);
    const untold = shown.filter(
      ({ defaultValue, description, defaultValueDescription = '' }) =>
        typeof defaultValue === 'string' && !`${description} ${defaultValueDescription}`.includes(defaultValue),
    );
    expect(untold.map(({ flags }) => flags)).toEqual([]);
  });

  test('says what -c is where MAIL_CONFIG is not set, if it works on a queue', () => {
    const isShown = shown.some(({ short }) => short === '-c');
    const told = '(default: $MAIL_CONFIG, else the one that postconf has built in)';
    expect(helpOf(command).includes(told)).toBe(isShown);
  });

  test('begins no description with a capital, ends none with a stop, and fits 80 columns', () => {
    const texts = [command.description(), ...shown.map(({ description }) => description)];
    expect(texts.filter((text) => /^[A-Z][a-z]|\.$/u.test(text) && !text.startsWith('Postfix'))).toEqual([]);
    const lines = command.helpInformation().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});

test.each([
  ['restore', '--again', 'have left it since: they go out again'],
  ['restore', '--include-left', 'most of them were delivered'],
  ['restore', '--workers', 'more are faster, and take more memory'],
  ['restore', '--into', '(default: queues)'],
  ['backup', '--workers', '(default: one for each processor, 4 at most)'],
  ['backup', '--level', '(default: 3)'],
])('%s --help: %s says: %s', (name, flag, told) => {
  const command = commands.find((each) => each.name() === name);
  const option = command?.options.find(({ long }) => long === flag);
  const help = option === undefined || command === undefined ? '' : command.createHelp().optionDescription(option);
  expect(help).toContain(told);
});
