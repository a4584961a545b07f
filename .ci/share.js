// Makes dist/share/, what a package puts beside the command: its man pages, and completions for the shells. One source with
// the help texts: what the command says of itself.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CONFIGURATION, STORE } from '../dist/cli/configuration/schema.js';
import { EXIT_STATUS_HELP } from '../dist/cli/process/exit-status.js';
import { bashCompletion, fishCompletion, zshCompletion } from './completions.js';
import { commands, commonOptions, version } from './described.js';
import { manPage } from './man-page.js';

const read = (/** @type {string} */ name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const share = new URL('../dist/share/', import.meta.url);
/** Of the release; before it has one, of the build. */
const date =
  /^## \S+ - (?<date>\d{4}-\d\d-\d\d)$/mu.exec(read('CHANGELOG.md'))?.groups?.['date'] ??
  new Date().toISOString().slice(0, 10);

const table = (/** @type {readonly (readonly [string, string])[]} */ rows) =>
  ['| a | b |', '|---|---|', ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join('\n');
const cell = (/** @type {string} */ text) =>
  text.replaceAll('|', '\\|').replaceAll(/[<>&]/gu, (character) => `&#${character.charCodeAt(0)};`);
const optionRow = (/** @type {typeof commonOptions[number]} */ { short, long, value, description }) =>
  /** @type {const} */ ([
    `${[short, long]
      .filter((word) => word !== undefined)
      .map((word) => `**${word}**`)
      .join(', ')}${value === undefined ? '' : ` *${value.slice(1, -1)}*`}`,
    sentence(description),
  ]);
const sentence = (/** @type {string} */ text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const shown = commands.filter(({ name }) => name !== 'help');

function synopsis() {
  return [
    ...shown.map(
      (command) => `postsnap ${[command.name, '[OPTION]...', ...command.arguments.map(({ term }) => term)].join(' ')}`,
    ),
    'postsnap help [command]',
  ]
    .map((line) => `    ${line}`)
    .join('\n');
}

function commandSections() {
  return shown
    .map((command) => {
      const rows = [
        ...command.arguments.map(
          ({ name, description }) => /** @type {const} */ ([`*${name}*`, sentence(description)]),
        ),
        ...command.options.map(optionRow),
      ];
      return [`### postsnap ${command.name}`, sentence(command.description), rows.length === 0 ? '' : table(rows)].join(
        '\n\n',
      );
    })
    .join('\n\n');
}

function statuses() {
  const rows = EXIT_STATUS_HELP.split('\n')
    .slice(1)
    .map((line) => /** @type {const} */ (line.trim().split(/ {2,}/u)))
    .map(([status, meaning]) => /** @type {const} */ ([`**${status}**`, sentence(meaning)]));
  return table(rows);
}

/** The keys of a table of the file, with what the option of that name says. */
function keys(/** @type {Record<string, unknown>} */ entries) {
  const options = [...commonOptions, ...commands.flatMap(({ options: own }) => own)];
  const rows = Object.keys(entries)
    .filter((key) => key !== 'stores' && key !== 'instances')
    .map((key) => {
      const option = options.find(({ long }) => long === `--${key}`);
      return /** @type {const} */ ([`**${key}**`, sentence(option?.description ?? OF_THE_FILE_ALONE[key])]);
    });
  return table(rows);
}

/** @type {Record<string, string>} */
const OF_THE_FILE_ALONE = { path: 'the directory of the store' };

/** @type {Record<string, () => string>} */
const PARTS = {
  synopsis,
  commands: commandSections,
  common: () => table(commonOptions.map(optionRow)),
  statuses,
  'keys anywhere': () => keys(CONFIGURATION.entries),
  'keys store': () => keys(STORE.entries),
};

const filled = (/** @type {string} */ markdown) =>
  markdown.replaceAll(/^<!-- (?<part>[a-z ]+) -->$/gmu, (_, part) => /** @type {() => string} */ (PARTS[part])());

/** @param {{ name: string, section: number, about: string }} page @param {string} markdown */
function page({ name, section, about }, markdown) {
  write(`man/man${section}/${name}.${section}`, manPage(markdown, { name, section, about, date, version }));
}

function write(/** @type {string} */ name, /** @type {string} */ text) {
  const file = new URL(name, share);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}

rmSync(share, { recursive: true, force: true });
page(
  { name: 'postsnap', section: 1, about: 'back up and restore a Postfix mail queue' },
  filled(read('packaging/man/postsnap.1.md')),
);
page(
  { name: 'postsnap.toml', section: 5, about: 'settings of postsnap' },
  filled(read('packaging/man/postsnap.toml.5.md')),
);
page(
  { name: 'postsnap-archive', section: 5, about: 'format of postsnap archives' },
  read('docs/archive-format.md').replace(/^# .*\n+/u, '## DESCRIPTION\n\n'),
);
write('bash-completion/completions/postsnap', bashCompletion());
write('zsh/vendor-completions/_postsnap', zshCompletion());
write('fish/vendor_completions.d/postsnap.fish', fishCompletion());
