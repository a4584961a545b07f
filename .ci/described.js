// What the command says of itself: its commands, their arguments and options. Of this the man pages and the completions
// are made.

import { readFileSync } from 'node:fs';
import { describedProgram } from '../dist/cli/program.js';

/** The version of this package. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const NOWHERE = { output: { write: () => undefined }, writeError: () => undefined, environment: {} };
const program = describedProgram(/** @type {any} */ (NOWHERE), version);

const visible = (/** @type {import('commander').Command} */ command) =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help' && long !== '--version')
    .map((option) => ({
      short: option.short,
      long: option.long ?? option.flags,
      /** What it takes: `<file>`. */
      value: /[<[].*$/u.exec(option.flags)?.[0],
      /** With its default. */
      description: command.createHelp().optionDescription(option),
    }));

/** The options that all commands have. */
export const commonOptions = visible(program);

const isCommon = new Set(commonOptions.map(({ long }) => long));

/** The commands, as the help lists them. */
export const commands = program.commands.map((command) => ({
  name: command.name(),
  description: command.description(),
  arguments: command.registeredArguments.map((argument) => ({
    name: argument.name(),
    term: argument.required ? argument.name() : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
    description: argument.description,
  })),
  common: visible(command).filter(({ long }) => isCommon.has(long)),
  options: visible(command).filter(({ long }) => !isCommon.has(long)),
}));
