import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, postsnap } from './command.ts';
import { makeSampleQueue, queueOptions, scratchDirectory } from './sample-queue.ts';

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** A command that waits for an archive on stdin, and so is there to be interrupted. */
function waiting(command = [process.execPath, COMMAND, 'verify', '-v', '-']): ChildProcess {
  const [program = '', ...args] = command;
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: scratch } });
}

/** Once its temporary file was made and unlinked, it reads; its descriptors tell. */
async function untilReading(pid: number): Promise<void> {
  for (;;) {
    const { stdout } = spawnSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' });
    if (stdout.includes(`${scratch}/`) && stdout.includes('(deleted)')) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function ended(child: ChildProcess): Promise<{ status: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
}

describe.skipIf(process.platform !== 'linux')('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the command with %i, says so, and leaves nothing behind', async (signal, expected) => {
    const child = waiting();
    const end = ended(child);
    await untilReading(child.pid ?? 0);
    child.kill(signal);
    // Whoever feeds it may go on for a moment.
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.stdin?.write('x');
    const { status, stderr } = await end;
    expect(status).toBe(expected);
    expect(stderr).toMatch(/^postsnap: fatal: interrupted/mu);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('a second SIGINT ends it at once, whatever it waits for', async () => {
    const child = waiting();
    const end = ended(child);
    await untilReading(child.pid ?? 0);
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    expect((await end).status).toBe(130);
  });

  test('a SIGHUP that the calling script ignores does not end it', async () => {
    const child = waiting([
      'sh',
      '-c',
      `exec 3<&0; trap '' HUP; "$0" "$1" verify - <&3 & echo $! >&2; wait $!`,
      process.execPath,
      COMMAND,
    ]);
    const pid = await new Promise<number>((resolve) => {
      child.stderr?.once('data', (chunk) => resolve(Number(String(chunk))));
    });
    const end = ended(child);
    await untilReading(pid);
    process.kill(pid, 'SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.stdin?.end('no archive');
    expect((await end).status).toBe(65);
  });
});

describe('an installation that is broken', () => {
  test('is 70, for 1 would mean that the work was done', () => {
    const root = join(scratch, 'broken');
    mkdirSync(root);
    cpSync(fileURLToPath(new URL('../../package.json', import.meta.url)), join(root, 'package.json'));
    cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(root, 'bin'), { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/postsnap.js'), 'list', 'x'], {
      encoding: 'utf8',
    });
    expect(status).toBe(70);
    expect(stderr).toMatch(/^postsnap: fatal: it can't be loaded: .*npm run build\n$/u);
    rmSync(root, { recursive: true });
  });
});

test('what a backup writes is for its owner alone, whatever the umask', () => {
  const source = makeSampleQueue(join(scratch, 'source'));
  const archive = join(scratch, 'a.tar.zst');
  const args = [COMMAND, 'backup', ...queueOptions(source), archive].map((arg) => `'${arg}'`).join(' ');
  const { status } = spawnSync('sh', ['-c', `umask 000; '${process.execPath}' ${args}`]);
  expect(status).toBe(0);
  expect(spawnSync('stat', ['-c', '%a', archive], { encoding: 'utf8' }).stdout).toBe('600\n');
  expect(postsnap(['verify', archive]).status).toBe(0);
});
