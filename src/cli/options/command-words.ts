/** A command line with some of its words left out or put in, so that it can be given again. */

import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';

export interface WordChanges {
  /** Options that are left out, by the names of their values. */
  readonly without: readonly string[];
  /** What stands in place of a value, by the name of the option; of an argument by `''`. */
  readonly replace?: (name: string, value: string) => readonly string[];
}

/**
 * The words of a command as they were given, behind the name of the command. Options that stood before the name are put
 * behind it: they mean the same there.
 */
export function commandWords(
  command: CommandUnknownOpts,
  argv: readonly string[],
  { without, replace = (_, value) => [value] }: WordChanges,
): string[] {
  const options: string[] = [];
  const args: string[] = [];
  let isCommandSeen = false;
  let isOptionsEnd = false;
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (isOptionsEnd || word === '-' || !word.startsWith('-')) {
      if (isCommandSeen) {
        args.push(...replace('', word));
      } else {
        isCommandSeen = true;
      }
    } else if (word === '--') {
      isOptionsEnd = true;
    } else {
      for (const { option, value } of readOptions(command, word, words)) {
        if (!without.includes(option.attributeName())) {
          const values = value === undefined ? [[]] : replace(option.attributeName(), value).map((text) => [text]);
          options.push(...values.flatMap((each) => [option.long ?? option.flags, ...each]));
        }
      }
    }
  }
  return [...options, ...(args.some((arg) => arg !== '-' && arg.startsWith('-')) ? ['--'] : []), ...args];
}

interface GivenOption {
  readonly option: Option;
  readonly value: string | undefined;
}

/** One word, which may hold several short options, and the value of the last one; or that is the next word. */
function readOptions(command: CommandUnknownOpts, word: string, rest: string[]): GivenOption[] {
  if (word.startsWith('--')) {
    const [name = '', ...parts] = word.split('=');
    const option = command.options.find(({ long }) => long === name);
    const inWord = parts.length === 0 ? undefined : parts.join('=');
    return option === undefined ? [] : [{ option, value: takesValue(option) ? (inWord ?? rest.shift()) : undefined }];
  }
  const found: GivenOption[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const option = command.options.find(({ short }) => short === `-${word.charAt(at)}`);
    if (option === undefined) {
      return found;
    }
    if (takesValue(option)) {
      return [...found, { option, value: word.length > at + 1 ? word.slice(at + 1) : rest.shift() }];
    }
    found.push({ option, value: undefined });
  }
  return found;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}
