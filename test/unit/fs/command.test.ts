import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/fs/command.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'postsnap-command-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A shell command that notes each run, and ends itself by a signal in the first ones. */
function endsItself(name: string, signal: string, times: number): string[] {
  const runs = join(directory, name);
  return ['-c', `echo run >> ${runs}; [ $(wc -l < ${runs}) -gt ${times} ] || kill -${signal} $$; echo done`];
}

function runsOf(name: string): number {
  return readFileSync(join(directory, name), 'utf8').split('\n').length - 1;
}

describe('a command', () => {
  it('tells its status and what it wrote, and sees no other environment', () => {
    const outcome = runCommand('sh', ['-c', 'echo "$LC_ALL$HOME"; echo oops >&2; exit 3']);
    expect(outcome).toEqual({ status: 3, stdout: 'C\n', stderr: 'oops\n' });
    expect(runCommand('no-such-command-anywhere', [])).toBeUndefined();
  });

  it.each(['INT', 'TERM', 'HUP'])('is given again after a SIG%s to the whole group', (signal) => {
    expect(runCommand('sh', endsItself(signal, signal, 2))).toMatchObject({ status: 0, stdout: 'done\n' });
    expect(runsOf(signal)).toBe(3);
  });

  it('is not given for ever, nor after another signal', () => {
    expect(runCommand('sh', endsItself('always', 'INT', 100))).toMatchObject({ status: undefined });
    expect(runsOf('always')).toBe(3);
    expect(runCommand('sh', endsItself('killed', 'KILL', 1))).toMatchObject({ status: undefined });
    expect(runsOf('killed')).toBe(1);
  });
});
