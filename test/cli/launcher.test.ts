import { spawnSync } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMAND } from '../support/process/command.ts';
import { scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Starts the command by a link, as npm installs it, and takes the options that it starts Node.js with. */
function launch(args: readonly string[], path = [dirname(process.execPath), process.env['PATH']].join(delimiter)) {
  const link = join(scratch, 'a command');
  const probe = join(scratch, 'probe.cjs');
  rmSync(link, { force: true });
  symlinkSync(COMMAND, link);
  const told = '({ options: process.execArgv, arenas: process.env.MALLOC_ARENA_MAX, args: process.argv.slice(2) })';
  writeFileSync(probe, `process.stderr.write(JSON.stringify(${told}));process.exit(7);`);
  return spawnSync(link, args, { env: { PATH: path, NODE_OPTIONS: `--require "${probe}"` }, encoding: 'utf8' });
}

test('bounds the memory of Node.js, and passes its arguments on as they are', () => {
  const args = ['list', 'a  b', '', '$HOME', '--', "'"];
  const { status, stdout, stderr } = launch(args);
  expect([status, stdout]).toEqual([7, '']);
  expect(JSON.parse(stderr)).toEqual({ options: ['--max-semi-space-size=8'], arenas: '2', args });
});

test('bounds the memory also as a script of a Node.js that can, and starts with every one', () => {
  const probe = join(scratch, 'bounded.cjs');
  const told = '[process.execArgv, process.env.MALLOC_ARENA_MAX, process.argv.slice(2)]';
  // Loaded twice: before the process is replaced, and after.
  writeFileSync(probe, `process.stderr.write(JSON.stringify(${told}) + '\\n');`);
  const command = ['--require', probe, COMMAND, '--version'];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env: {} });
  expect(status).toBe(0);
  const bounded = [['--require', probe, '--max-semi-space-size=8'], '2', ['--version']];
  const unbounded = [['--require', probe], null, ['--version']];
  const started = stderr
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(started).toEqual('execve' in process ? [unbounded, bounded] : [unbounded]);
});

test('says that there is no Node.js', () => {
  const { status, stderr } = launch(['list'], '/nonexistent');
  expect(status).toBe(127);
  expect(stderr).toContain('not found');
});
