import { describe, expect, test } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { fakeTerminal } from '../../support/process/terminal.ts';

async function run(...argv: string[]) {
  const terminal = fakeTerminal();
  const status = await runProgram(argv, terminal, '1.2.3');
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

describe('a wrong command line is 64, in one line on stderr', () => {
  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['backup'], "missing required argument 'archive'"],
    [['backup', 'a', 'b'], 'b is no queue ID'],
    [['verify', 'a', 'b'], 'too many arguments'],
    [['backup', '--frobnicate', 'a'], "unknown option '--frobnicate'"],
    [['list', '-c', '/etc/postfix', 'a'], 'works on no queue'],
    [['list', '-o', 'novalue', 'a'], 'NAME=VALUE'],
    [['list', '-o', '=x', 'a'], 'NAME=VALUE'],
    [['backup', '--queues', 'deferred,nosuch', 'a'], "no message queue 'nosuch'"],
    [['backup', '--queues', 'defer', 'a'], "no message queue 'defer'"],
    [['backup', '--queues', ', ', 'a'], 'names no queue'],
    [['backup', '--level', '0', 'a'], '1 to 19'],
    [['backup', '--level', '20', 'a'], '1 to 19'],
    [['backup', '--level', '3.5', 'a'], '1 to 19'],
    [['backup', '-j', '-'], 'stdout'],
    [['backup', '--verify', '-'], 'stdout'],
    [['restore', '--into', 'nowhere', 'a'], 'queues, maildrop or hold'],
    [['cat', 'a'], "missing required argument 'queue-id'"],
  ])('%o', async (argv, reason) => {
    const { status, stdout, stderr } = await run(...argv);
    expect(status).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^postsnap: fatal: [^\n]*\n$/u);
    expect(stderr).toContain(reason);
  });

  test('no command at all: help on stderr, for nothing was done', async () => {
    const { status, stdout, stderr } = await run();
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Usage: postsnap');
  });
});

test.each([
  ['backup', '-'],
  ['restore', '-'],
  ['list', '-'],
  ['list', '-j', '-'],
  ['cat', '-', 'ABCDE12345'],
  ['verify', '-'],
])('%s %s: an archive is neither typed nor shown', async (...argv) => {
  const terminal = fakeTerminal({ isTerminal: () => true });
  expect(await runProgram(argv, terminal, '1.2.3')).toBe(64);
  expect(terminal.stderr()).toMatch(/^postsnap: fatal: an archive can't be .* a terminal/u);
});

describe('what was asked for is a result on stdout', () => {
  test('--version', async () => {
    expect(await run('--version')).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
  });

  test('--help tells defaults as they are, and what an option is for', async () => {
    const of = async (name: string) => (await run(name, '--help')).stdout.replaceAll(/\s+/gu, ' ');
    const [restore, backup] = [await of('restore'), await of('backup')];
    expect(`${restore}${backup}`).not.toMatch(/default: (?:\{\}|\[\]|undefined|false|0\))/u);
    expect(restore).toContain('-c, --config-dir <dir> Postfix configuration directory (default: $MAIL_CONFIG, else');
    expect(restore).toMatch(/--again also messages that were restored into this queue before .* go out again/u);
    expect(restore).toMatch(/--include-left also messages that left the source queue .* most of them were delivered/u);
    expect(backup).toMatch(/--workers <n> threads/u);
  });

  test('--help names every command', async () => {
    const { status, stdout, stderr } = await run('--help');
    expect([status, stderr]).toEqual([0, '']);
    for (const name of ['backup', 'restore', 'list', 'info', 'diff', 'cat', 'verify']) {
      expect(stdout).toContain(`  ${name} `);
    }
  });

  test.each(['backup', 'restore', 'list', 'cat', 'verify'])(
    '%s --help has the common options and the exit statuses',
    async (name) => {
      const { status, stdout, stderr } = await run(name, '--help');
      expect([status, stderr]).toEqual([0, '']);
      const ofAQueue = ['-c, --config-dir <dir>', '--queue-directory <dir>', '-o, --option <name=value>'];
      const options = [
        ...(name === 'backup' || name === 'restore' ? ofAQueue : []),
        '-j, --json',
        '-q, --quiet',
        '-v, --verbose',
        '--no-progress',
        'Exit status:',
      ];
      for (const option of options) {
        expect(stdout).toContain(option);
      }
    },
  );
});
