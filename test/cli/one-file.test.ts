/** dist/postsnap.mjs: all of postsnap in one file, for a system that has Node.js and nothing else of it. */

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

const ONE_FILE = fileURLToPath(new URL('../../dist/postsnap.mjs', import.meta.url));

let scratch: string;
let alone: string;
beforeAll(() => {
  scratch = scratchDirectory();
  const directory = join(scratch, 'alone');
  mkdirSync(directory);
  alone = join(directory, 'postsnap.mjs');
  copyFileSync(ONE_FILE, alone);
  chmodSync(alone, 0o700);
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const run = (args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [alone, ...args], {
    encoding: 'utf8',
    env: { ...process.env, MAIL_CONFIG: '', TZ: 'UTC' },
  });
  return { status, stdout, stderr };
};

describe.each([0, 2])('the one file with %i threads', (workers) => {
  test('backs up, verifies, lists and restores as the command does', () => {
    const source = makeSampleQueue(join(scratch, `source-${workers}`));
    const target = makeEmptyQueue(join(scratch, `target-${workers}`));
    const archive = join(scratch, `${workers}.tar.zst`);
    const threads = ['--workers', String(workers)];
    expect(run(['backup', ...threads, ...queueOptions(source), archive])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['verify', ...threads, archive])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['list', '-j', archive])).toEqual(withoutBytes(postsnap(['list', '-j', archive])));
    expect(run(['restore', ...threads, ...queueOptions(target), '-j', archive]).status).toBe(0);
    expect(messagesIn(target)).toHaveLength(messagesIn(source).length);
  });
});

describe('the one file', () => {
  const inShell = (script: string) => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `${script} && "$@"`, 'sh', process.execPath, alone, 'list', alone],
      {
        cwd: scratch,
        encoding: 'utf8',
      },
    );
    return { status, stderr };
  };

  test.each([24, 32, 48])('says that %i descriptors are too few, as the command does', (limit) => {
    const { status, stderr } = inShell(`ulimit -n ${limit}`);
    expect(stderr).toMatch(/^postsnap: fatal: too few files may be open at once: .* Allow more: ulimit -n 256\n$/u);
    expect(status).toBe(71);
  });

  test('says that the working directory is gone, as the command does', () => {
    const { status, stderr } = inShell('mkdir gone && cd gone && rmdir ../gone');
    expect(stderr).toMatch(/^postsnap: fatal: the working directory is gone \(ENOENT\)\. [^\n]+\n$/u);
    expect(status).toBe(71);
  });

  test('goes on with 72 descriptors', () => {
    expect(inShell('ulimit -n 72')).toMatchObject({ status: 65, stderr: expect.stringContaining('no archive') });
  });
});

function withoutBytes({ status, stdout, stderr }: ReturnType<typeof postsnap>): unknown {
  return { status, stdout, stderr };
}

test('the one file names the version of the package, can be run as it is, and leaves nothing beside it', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const shown = spawnSync(alone, ['--version'], { encoding: 'utf8' });
  expect({ version: shown.stdout.trim() }).toEqual({ version: (manifest as { version: string }).version });
  expect(readdirSync(join(scratch, 'alone'))).toEqual(['postsnap.mjs']);
});

test.each(['pack', 'stage', 'verify'])('a thread of the one file serves the jobs of %s once', (service) => {
  const program = readFileSync(ONE_FILE, 'utf8').replace(/^\/\/owner .*$/mu, '');
  expect(program.match(new RegExp(`serveJobs\\("${service}"`, 'gu'))).toHaveLength(1);
});
