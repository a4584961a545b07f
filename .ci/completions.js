// The completions for bash, zsh and fish, of what the command says of itself.

import { SORT_KEYS } from '../dist/inspect/sort-key.js';
import { MESSAGE_QUEUES } from '../dist/queue/queue-name.js';
import { commands, commonOptions } from './described.js';

/** What values an option takes, by what its help calls them. Of all others that are not below, nothing is known. */
const VALUES = {
  '<route>': ['queues', 'maildrop', 'hold'],
  '<key>': SORT_KEYS,
  '<order>': ['arrival', 'destination'],
  '<state>': ['queued', 'left'],
  '<list>': MESSAGE_QUEUES,
};
const FILES = new Set(['<file>', '<dir>', '<store>']);

const optionsOf = (/** @type {typeof commands[number]} */ command) => [
  ...command.options,
  ...command.common,
  { short: '-h', long: '--help', value: undefined, description: 'show help' },
];
const words = (/** @type {ReturnType<typeof optionsOf>} */ options) =>
  options.flatMap(({ short, long }) => [long, ...(short === undefined ? [] : [short])]);
const valuesOf = (/** @type {string | undefined} */ value) =>
  Object.entries(VALUES).find(([name]) => name === value)?.[1];
const distinct = (/** @type {readonly string[]} */ names) => [...new Set(names)].sort();
const all = [...commonOptions, ...commands.flatMap(optionsOf)];
const withValue = (/** @type {(value: string) => boolean} */ fits) =>
  distinct(words(all.filter(({ value }) => value !== undefined && fits(value)))).join('|');

/** bash: `complete -o default` offers files where the function offers nothing. */
export function bashCompletion() {
  const choices = Object.entries(VALUES).map(
    ([name, values]) =>
      `    ${withValue((value) => value === name)}) COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$word")); return ;;`,
  );
  const known = withValue((value) => FILES.has(value) || valuesOf(value) !== undefined);
  const unknown = distinct(words(all.filter(({ value }) => value !== undefined)))
    .filter((word) => !known.split('|').includes(word))
    .join('|');
  const own = commands.map((command) => `    ${command.name}) options='${words(optionsOf(command)).join(' ')}' ;;`);
  return `# bash completion for postsnap
_postsnap() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= options= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
    ${withValue(() => true)}) ((i++)) ;;
    -*) ;;
    *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  COMPREPLY=()
  case $before in
${choices.join('\n')}
    ${withValue((value) => FILES.has(value))}) return ;;
    ${unknown}) compopt +o default; return ;;
  esac
  case $command in
    '') options='${[...commands.map(({ name }) => name), ...words(commonOptions), '--version', '--help'].join(' ')}' ;;
    help) options='${commands.map(({ name }) => name).join(' ')}' ;;
${own.filter((line) => !line.trimStart().startsWith('help)')).join('\n')}
  esac
  if [[ -z $command || $command == help || $word == -* ]]; then
    compopt +o default
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  fi
}
complete -o default -F _postsnap postsnap
`;
}

const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;

/** zsh: one line for each option, as _arguments(1) takes it. */
export function zshCompletion() {
  const escaped = (/** @type {string} */ text) => text.replaceAll(/[[\]:\\]/gu, (character) => `\\${character}`);
  const action = (/** @type {string} */ value) =>
    FILES.has(value) ? '_files' : valuesOf(value) === undefined ? ' ' : `(${valuesOf(value)?.join(' ')})`;
  const lines = (/** @type {ReturnType<typeof optionsOf>} */ options) =>
    options.flatMap((option) =>
      words([option]).map((word) => {
        const value = option.value === undefined ? '' : `:${escaped(option.value)}:${action(option.value)}`;
        return `      ${quoted(`*${word}[${escaped(option.description)}]${value}`)} \\`;
      }),
    );
  const described = commands.map(({ name, description }) => `    ${quoted(`${escaped(name)}:${description}`)}`);
  const own = commands
    .filter(({ name }) => name !== 'help')
    .map(
      (command) =>
        `    ${command.name})\n      _arguments -s \\\n${lines(optionsOf(command)).join('\n')}\n        '*:file:_files' ;;`,
    );
  return `#compdef postsnap
# zsh completion for postsnap
_postsnap() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${described.join('\n')}
  )
  _arguments -s -C \\
${lines([...commonOptions, { short: '-h', long: '--help', value: undefined, description: 'show help' }]).join('\n')}
      '1:command:->command' \\
      '*::argument:->argument'
  case $state in
  command) _describe -t commands command commands ;;
  argument)
    case $words[1] in
    help) _describe -t commands command commands ;;
${own.join('\n')}
    esac ;;
  esac
}
_postsnap "$@"
`;
}

/** fish: one command for each option. */
export function fishCompletion() {
  const text = (/** @type {string} */ words_) => `'${words_.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const names = commands.map(({ name }) => name).join(' ');
  const line = (
    /** @type {string} */ condition,
    /** @type {ReturnType<typeof optionsOf>[number]} */ { short, long, value, description },
  ) => {
    const values = valuesOf(value);
    const takes =
      value === undefined
        ? ''
        : FILES.has(value)
          ? ' -r -F'
          : values === undefined
            ? ' -x'
            : ` -x -a ${text(values.join(' '))}`;
    const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
    return `complete -c postsnap -n ${text(condition)}${letter} -l ${long.slice(2)}${takes} -d ${text(description)}`;
  };
  const first = `not __fish_seen_subcommand_from ${names}`;
  return [
    '# fish completion for postsnap',
    ...commands.map(
      ({ name, description }) => `complete -c postsnap -n ${text(first)} -f -a ${name} -d ${text(description)}`,
    ),
    `complete -c postsnap -n '__fish_seen_subcommand_from help' -f -a ${text(names)}`,
    ...commonOptions.map((option) => line(first, option)),
    ...commands
      .filter(({ name }) => name !== 'help')
      .flatMap((command) =>
        optionsOf(command).map((option) => line(`__fish_seen_subcommand_from ${command.name}`, option)),
      ),
    '',
  ].join('\n');
}
