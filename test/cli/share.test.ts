/** What a package puts beside the command: man pages, as mandoc and man judge them, and completions, in the shells themselves. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { describeWithProgram } from '../support/process/programs.ts';

const SHARE = fileURLToPath(new URL('../../dist/share', import.meta.url));
const COMPLETE_IN_BASH = fileURLToPath(new URL('../support/process/complete.bash', import.meta.url));
const COMPLETE_IN_ZSH = fileURLToPath(new URL('../support/process/complete.zsh', import.meta.url));
const POSTSNAP = 'man1/postsnap.1';
const PAGES = [POSTSNAP, 'man5/postsnap-archive.5', 'man5/postsnap.toml.5'];

function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const { stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (error !== undefined) {
    throw error;
  }
  return stdout + stderr;
}

/** A character is made bold by writing it once more over itself. */
function withoutOverstrikes(text: string): string {
  return text
    .split('\b')
    .map((part, index, parts) => (index === parts.length - 1 ? part : part.slice(0, -1)))
    .join('');
}

const commands = () =>
  postsnap(['--help'])
    .stdout.replace(/^.*\nCommands:\n/su, '')
    .split('\n')
    .flatMap((line) => /^ {2}(?<name>[a-z-]+)/u.exec(line)?.groups?.['name'] ?? []);

describe('the man pages', () => {
  test('are all that there are', () => {
    const pages = readdirSync(join(SHARE, 'man'), { recursive: true, withFileTypes: true });
    expect(pages.filter((page) => page.isFile()).map(({ name }) => name)).toHaveLength(PAGES.length);
  });

  test('postsnap(1) has the sections of the manuals of Postfix, in their order', () => {
    const text = readFileSync(join(SHARE, 'man', POSTSNAP), 'utf8');
    expect([...text.matchAll(/^\.SH "?(?<name>[A-Z ]+)/gmu)].map(({ groups }) => groups?.['name'])).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'COMMANDS',
      'OPTIONS',
      'DIAGNOSTICS',
      'BUGS',
      'ENVIRONMENT',
      'FILES',
      'SEE ALSO',
      'LICENSE',
    ]);
  });
});

describeWithProgram('mandoc', 'mandoc', () => {
  test.each(PAGES)('has nothing to say of %s', (page) => {
    expect(run('mandoc', ['-T', 'lint', join(SHARE, 'man', page)])).toBe('');
  });

  test('shows each command, and each option that its help shows', () => {
    const text = withoutOverstrikes(run('mandoc', ['-T', 'ascii', join(SHARE, 'man', POSTSNAP)]));
    const missing = commands()
      .filter((command) => command !== 'help')
      .filter((command) => !text.includes(`postsnap ${command}\n`));
    expect(missing).toEqual([]);
    for (const option of ['--include-left', '--keep-within', '--since-log', '--config-dir']) {
      expect(text).toContain(option);
    }
  });
});

describeWithProgram('man', 'man', () => {
  test.each(PAGES)('shows %s without a warning', (page) => {
    const args = ['--warnings', '--local-file', '-E', 'UTF-8', '-Tutf8', '-Z', join(SHARE, 'man', page)];
    const { stderr, status } = spawnSync('man', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('bash', () => {
  /** What is offered for the last word. */
  function offered(...words: string[]): string[] {
    return run('bash', [COMPLETE_IN_BASH, join(SHARE, 'bash-completion/completions/postsnap'), ...words])
      .split('\n')
      .filter((line) => line !== '');
  }

  test('offers the commands, and the options of a command', () => {
    expect(offered('che')).toEqual(['check', 'check-config']);
    expect(offered('').filter((word) => !word.startsWith('-'))).toEqual(commands());
    expect(offered('restore', '--sal')).toEqual(['--salvage']);
    expect(offered('help', 'in')).toEqual(['info']);
  });

  test('offers the values that an option takes', () => {
    expect(offered('restore', '--into', '')).toEqual(['queues', 'maildrop', 'hold']);
    expect(offered('list', '--sort', 's')).toEqual(['size', 'sender']);
    expect(offered('restore', '--rate-by', '')).toEqual(['arrival', 'destination']);
  });

  test('does not take a value for the command', () => {
    expect(offered('-o', 'backup', 'che')).toEqual(['check', 'check-config']);
    expect(offered('--queue-directory', 'backup', 'restore', '--fin')).toEqual(['--finish']);
  });

  test('leaves files to the shell', () => {
    expect(offered('restore', '--map', '')).toEqual([]);
    expect(offered('restore', 'queue')).toEqual([]);
  });
});

describeWithProgram('zsh', 'zsh', () => {
  test('completes commands, options and values', () => {
    const lines = ['postsnap inf', 'postsnap restore --sal', 'postsnap restore --into mail', 'postsnap help check-'];
    const shown = run('zsh', [COMPLETE_IN_ZSH, join(SHARE, 'zsh/vendor-completions'), ...lines]);
    expect([...shown.matchAll(/^COMPLETED (?<line>.*?)\s*$/gmu)].map(({ groups }) => groups?.['line'])).toEqual([
      'postsnap info',
      'postsnap restore --salvage',
      'postsnap restore --into maildrop',
      'postsnap help check-config',
    ]);
  });
});

describeWithProgram('fish', 'fish', () => {
  const completed = (line: string) =>
    run('fish', [
      '--no-config',
      '-c',
      `source ${join(SHARE, 'fish/vendor_completions.d/postsnap.fish')}; complete -C '${line}'`,
    ])
      .split('\n')
      .filter((offer) => offer !== '')
      .map((offer) => offer.split('\t')[0]);

  test('completes commands, options and values', () => {
    expect(completed('postsnap che')).toEqual(['check', 'check-config']);
    expect(completed('postsnap restore --sal')).toEqual(['--salvage']);
    expect(completed('postsnap restore --into ')).toEqual(['hold', 'maildrop', 'queues']);
    expect(completed('postsnap list --sort s')).toEqual(['sender', 'size']);
  });
});
