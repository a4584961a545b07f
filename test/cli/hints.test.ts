/** What is hinted can be pasted: a shell runs what was printed, as it stands, whatever the names are. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fatalText } from '../../src/cli/output/stderr-line.ts';
import { OperatorError, type Remedy } from '../../src/errors.ts';
import { POSTFIX_REMEDIES, type PostfixRemedy } from '../support/postfix/remedies.ts';
import { COMMAND, type CommandResult, postsnap } from '../support/process/command.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

const ERRORS = join(import.meta.dirname, '../../src/errors.ts');

let scratch: string;
/** Where all is done: the name of no file is a plain word. */
let home: string;
let source: string;
beforeAll(() => {
  scratch = scratchDirectory();
  const bin = join(scratch, 'bin');
  mkdirSync(bin);
  const program = (name: string, script: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program('postsnap', `exec '${process.execPath}' '${COMMAND}' "$@"`);
  // What is encrypted is a word; what comes of it stands beside it.
  program('age', 'test "$1" = -d || exit 2\nshift\ntest "$1" != -- || shift\nexec cat -- "./$1.decrypted"');
  home = join(scratch, `it's "$HOME" here`);
  mkdirSync(home);
  source = makeSampleQueue(join(home, `a queue's $1`));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Runs what was printed, where it was printed. */
function paste(line: string | undefined) {
  return spawnSync('bash', ['-c', line ?? 'false'], {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, MAIL_CONFIG: '', PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}` },
  });
}

const here = (...words: readonly string[]) => postsnap(words, { directory: home });
/** Postfix parameters, for a machine without Postfix. */
const parameters = () => queueOptions('').slice(2);
const quoted = (words: readonly string[]) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
/** The command between backticks. */
const hinted = (text: string) => /`(postsnap [^`]*|age [^`]*)`/u.exec(text)?.[1];

const NAMES = ['plain', 'two words', "it's $HOME", '-dash', 'new\nline', 'tab\t"`id`"'];

test.each(NAMES)('after a backup: verify %j', (name) => {
  const { status, stdout } = here('backup', ...queueOptions(source), '--', name);
  expect(status).toBe(0);
  const pasted = paste(/^Next: (.*)$/mu.exec(stdout)?.[1]);
  expect(pasted, pasted.stderr).toMatchObject({ status: 0, stderr: '' });
  expect(pasted.stdout).toContain('is intact');
});

test.each(NAMES)('after a verify that found damage: the rest of %j', (name) => {
  const path = cutArchive(`cut ${name}`);
  const { status, stdout } = postsnap(['verify', path]);
  expect(status).toBe(65);
  const line = /Next: (.*)$/mu.exec(stdout)?.[1];
  const pasted = paste(`${line} ${quoted(queueOptions(makeEmptyQueue(join(home, 'target'))))}`);
  expect(pasted.stderr).not.toContain('fatal');
  expect(pasted.stdout).toContain('Nothing was changed.');
});

test.each(NAMES)('after a dry run: the restore of %j', (name) => {
  const target = makeEmptyQueue(join(home, `target of ${name}`));
  here('backup', '-q', ...queueOptions(source), '--', `dry ${name}`);
  const { stdout } = here('restore', '-n', ...queueOptions(target), '--', `dry ${name}`);
  const pasted = paste(/This restores it:\n\n(.*)$/su.exec(stdout)?.[1]);
  expect(pasted.stderr).not.toContain('fatal');
  expect(messagesIn(target)).toHaveLength(messagesIn(source).length);
});

test('after an import: verify', () => {
  makeTar("an import's $tar", source);
  const imported = here('import', "an import's $tar", '--', '-new\nand $imported');
  expect(paste(/^Next: (.*)$/mu.exec(imported.stdout)?.[1])).toMatchObject({ status: 0, stderr: '' });
});

test('after a dry run of a repair: the repair, of the same queue', () => {
  const queue = join(home, `-a "copied" queue's`);
  cpSync(source, queue, { recursive: true, preserveTimestamps: true });
  const { status, stdout } = here('repair', '-n', ...queueOptions(queue));
  expect([status, stdout]).toEqual([1, expect.stringContaining('Nothing was changed.')]);
  const pasted = paste(hinted(stdout));
  expect(pasted.stderr).not.toContain('fatal');
  expect(pasted.stdout).toMatch(/^Mended: [1-9]/mu);
  expect(here('repair', '-n', ...queueOptions(queue)).stdout).toContain('Nothing is wrong.');
});

/** Between backticks no name with one can be told from what follows. */
const WITHOUT_BACKTICKS = NAMES.filter((name) => !name.includes('`'));

test.each(WITHOUT_BACKTICKS)('of a message that is not in %j: what is there', (name) => {
  here('backup', '-q', ...queueOptions(source), '--', `cat ${name}`);
  const { status, stderr } = here('cat', '--', `cat ${name}`, 'FFFFF');
  expect([status, stderr]).toEqual([1, expect.stringContaining('shows what is there')]);
  // What can't be shown as it is, in the name before it, is a question mark.
  const pasted = paste(hinted(stderr));
  expect([pasted.status, pasted.stderr]).toEqual([0, '']);
});

describeWithProgram('xz', 'a tar that another program packed', () => {
  test('is unpacked on the way by the command that is told', () => {
    const tar = makeTar('packed', source);
    expect(spawnSync('xz', ['-f', tar]).status).toBe(0);
    const { stderr } = here('import', 'packed.xz', 'of what was packed');
    const line = /Unpack it on the way: (.*)$/mu.exec(stderr)?.[1];
    expect(line, stderr).toBe('xz -dc FILE | postsnap import - ARCHIVE');
    expect(paste(`set -o pipefail; ${line?.replace('FILE', 'packed.xz').replace('ARCHIVE', 'unpacked')}`).status).toBe(
      0,
    );
    expect(here('verify', '-q', 'unpacked').status).toBe(0);
  });
});

function cutArchive(name: string): string {
  const path = join(home, name);
  postsnap(['backup', '-q', ...queueOptions(source), path]);
  writeFileSync(path, readFileSync(path).subarray(0, -100));
  return path;
}

function makeTar(name: string, ...directories: readonly string[]): string {
  const path = join(home, name);
  const words = directories.flatMap((directory) => ['-C', join(directory, '..'), directory.split('/').at(-1) ?? '']);
  expect(spawnSync('tar', ['-cf', path, ...words]).status).toBe(0);
  return path;
}

interface Row {
  /** Fails, so that this remedy is told. */
  readonly provoke: () => Pick<CommandResult, 'stderr'>;
  readonly told: string;
  /** Does what was told. */
  readonly follow: (told: string) => { readonly status: number | null; readonly stderr: string };
}

/** A remedy without a row does not compile. Those that take a command of Postfix are in test/postfix/hints.test.ts. */
const ROWS: Readonly<Record<Exclude<Remedy, PostfixRemedy>, Row>> = {
  salvage: {
    provoke: () =>
      here('restore', ...queueOptions(makeEmptyQueue(join(home, `salvage's target`))), cutArchive('-cut $1')),
    told: 'see what is intact in this one',
    follow: (told) => {
      expect(told).toContain('--queue-directory');
      return paste(hinted(told));
    },
  },
  'name-queue': {
    // Only where postconf is not installed: its words are those that any command then prints.
    provoke: () => ({ stderr: fatalText(new OperatorError('unavailable', 'no postconf', { remedy: 'name-queue' })) }),
    told: 'name the queue with --queue-directory and no configuration directory',
    follow: () => here('backup', '-q', ...queueOptions(source), 'named by its directory'),
  },
  'name-other-queue': {
    provoke: () => here('backup', ...queueOptions(join(home, 'no $queue')), 'never written'),
    told: 'Name the directory with --queue-directory',
    follow: () => here('backup', '-q', ...queueOptions(source), 'named rightly'),
  },
  'choose-directory': {
    provoke: () => here('import', makeTar('two queues', source, makeSampleQueue(join(home, 'another'))), 'of two'),
    told: 'Choose one of them with --directory',
    follow: () => here('import', '-q', '--directory', `a queue's $1`, 'two queues', 'of one'),
  },
  'tar-again': {
    provoke: () => {
      const path = makeTar("cut $tar's", source);
      writeFileSync(path, readFileSync(path).subarray(0, 12_000));
      return here('import', "cut $tar's", 'of a cut tar');
    },
    told: 'unpack what can be read of it with tar into an empty directory, and back that up',
    follow: (told) => {
      const directory = makeEmptyQueue(join(home, `what's $read`));
      spawnSync('tar', ['-xpf', join(home, "cut $tar's"), '-C', directory, '--strip-components=1']);
      const line = hinted(told)
        ?.replace('DIRECTORY', quoted([directory]))
        .replace('ARCHIVE', "'of what was read'");
      return paste(`${line} ${quoted(parameters())}`);
    },
  },
  'import-tar': {
    provoke: () => {
      makeTar("-a tar's $1", source);
      return here('verify', '--', "-a tar's $1");
    },
    told: 'make an archive of it',
    follow: (told) => paste(`${hinted(told)} && postsnap verify ARCHIVE && rm ARCHIVE`),
  },
  'list-snapshots': {
    provoke: () => {
      here('backup', '-q', ...queueOptions(source), '--store', `the store's $1`);
      return here('verify', '--store', `the store's $1`);
    },
    told: 'shows what is there',
    follow: (told) => {
      const shown = paste(hinted(told));
      const [id = 'none'] = /\b[0-9a-f]{8}\b/u.exec(shown.stdout) ?? [];
      return here('verify', '--store', `the store's $1`, '--snapshot', id);
    },
  },
  decrypt: {
    provoke: () => {
      const name = `-it's "encrypted" $HOME`;
      writeFileSync(join(home, name), 'age-encryption.org/v1\n-> X25519 abc\n');
      here('backup', '-q', ...queueOptions(source), '--', `${name}.decrypted`);
      return here('verify', '--', name);
    },
    told: 'Decrypt it on the way',
    follow: (told) => paste(`set -o pipefail; ${hinted(told)}`),
  },
  'back-up-directory': {
    provoke: () => here('verify', source),
    told: 'If it is a queue directory, back it up',
    follow: (told) => paste(`${hinted(told)} ${quoted(parameters())} && postsnap verify ARCHIVE && rm ARCHIVE`),
  },
};

describe('what a failure tells can be followed', () => {
  test.each(Object.entries(ROWS))('%s', (_, { provoke, told, follow }) => {
    const { stderr } = provoke();
    expect(stderr).toContain(told);
    const followed = follow(stderr);
    expect([followed.status, followed.stderr]).toEqual([expect.any(Number), expect.not.stringContaining('fatal')]);
    expect(followed.status, followed.stderr).toBeLessThanOrEqual(1);
  });

  test('for every remedy that there is', () => {
    const [, union = ''] = /export type Remedy =(.*?);\n/su.exec(readFileSync(ERRORS, 'utf8')) ?? [];
    const remedies = [...union.matchAll(/^ {2}\| '([\w-]+)'/gmu)].map(([, remedy = '']) => remedy);
    expect(remedies.sort()).toEqual([...Object.keys(ROWS), ...POSTFIX_REMEDIES].sort());
  });
});
