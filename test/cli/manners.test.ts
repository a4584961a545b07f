/** How the command behaves where nobody looks: silent where all is well, one line where not, patient, and out of the way. */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireLock } from '../../src/fs/lock.ts';
import { systemLockEnvironment } from '../../src/fs/lock-environment.ts';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { start } from '../support/process/process.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import { makeEmptyQueue, makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
const at = (name: string) => join(scratch, name);
beforeAll(() => {
  scratch = scratchDirectory();
  makeSampleQueue(at('source'));
  makeEmptyQueue(at('target'));
  mkdirSync(at('store'), { mode: 0o700 });
  mkdirSync(at('bare'), { mode: 0o700 });
  writeFileSync(at('plain'), 'no archive');
  const source = queueOptions(at('source'));
  expect(postsnap(['backup', '-q', ...source, at('archive')]).status).toBe(0);
  const night = ['backup', '-q', ...source, '-o', 'myhostname=mx.example.org', '--store', at('store')];
  expect(postsnap(night)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  const whole = readFileSync(at('archive'));
  writeFileSync(at('cut'), whole.subarray(0, whole.length - 200));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const argumentsOf = (words: string): string[] =>
  words
    .split(' ')
    .flatMap((word) => (word === 'T' ? queueOptions(at('target')) : [word.replace(/^@/u, `${scratch}/`)]));

describe('what fails', () => {
  test.each([
    'backup T @plain',
    'backup T @nosuch/archive',
    'backup --queue-directory @nosuch @new',
    'restore T -o mail_owner=nosuch @archive',
    'backup T --store @nosuch/store',
    'backup T --store @plain',
    'backup T --store @store --keep-last 0',
    'restore T @nosuch',
    'restore T @plain',
    'restore T @cut',
    'restore T --store @store --snapshot 11111111',
    'restore T --store @bare --snapshot latest',
    'restore T --since-log @nosuch @archive',
    'restore T --map @plain @archive',
    'status --queue-directory @nosuch',
    'repair --queue-directory @nosuch',
    'repair T --only nosuch',
    'list @nosuch',
    'list @cut',
    'info @plain',
    'diff T @nosuch',
    'cat @nosuch 00000000000',
    'verify @nosuch',
    'verify @plain',
    'import @nosuch @new',
    'import @plain @new',
    'snapshots --store @nosuch',
    'prune --store @store',
    'prune --store @nosuch --keep-last 1',
    'pin --store @store 11111111',
    'unpin --store @nosuch latest',
    'drill @nosuch',
    'drill @cut',
    'drill --store @bare',
    'check-config --configuration @nosuch',
    'backup T @new --nosuch',
    'nosuch',
  ])('%s: one line on stderr, with the reason and the next step', (words) => {
    const { status, stdout, stderr } = postsnap(argumentsOf(words));
    expect(status).toBeGreaterThan(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^postsnap: fatal: [^\n]+\n$/u);
    expect(stderr).toMatch(/\. [A-Z`][^\n]+\n$/u);
  });
});

test('what fails with its metrics says both in one line', () => {
  const { status, stderr } = postsnap(argumentsOf('backup T --metrics-file @plain/x.prom @plain'));
  expect(status).toBe(73);
  expect(stderr).toMatch(/^postsnap: fatal: [^\n]+ Besides, can't write [^\n]+x\.prom: [^\n]+\n$/u);
});

describe('another run at work', () => {
  const queueHeld = () => {
    const state = join(at('target'), 'postsnap');
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const lock = acquireLock(nodeFileSystem, state, systemLockEnvironment());
    return () => lock.release();
  };
  const storeHeld = () =>
    new DirectoryStore(nodeFileSystem, at('store'), () => 'abcdefabcdef').occupy(
      JSON.stringify([hostname(), null, at('target')]),
    );

  test.each([
    ['restore T @archive', queueHeld],
    ['repair T', queueHeld],
    ['backup -q T --store @store', storeHeld],
  ])(
    '%s: is 75 in one line, or waited for',
    async (words, hold) => {
      let free = await hold();
      const refused = postsnap(argumentsOf(words));
      expect(refused).toMatchObject({ status: 75, stdout: '' });
      expect(refused.stderr).toMatch(/^postsnap: fatal: [^\n]* process \d+ on [^\n]+\. Wait for it\.[^\n]*\n$/u);
      const began = performance.now();
      expect(postsnap(argumentsOf(`${words} --wait 2s`)).status).toBe(75);
      expect(performance.now() - began).toBeGreaterThan(2000);
      const waiting = start(argumentsOf(`${words} --wait 10m`));
      await sleep(3000);
      expect(waiting.hasEnded()).toBe(false);
      free();
      expect(await waiting.ended).toMatchObject({ status: 0 });
      free = await hold();
      const interrupted = start(argumentsOf(`${words} --wait 10m`));
      await sleep(3000);
      process.kill(interrupted.pid, 'SIGTERM');
      expect(await interrupted.ended).toMatchObject({ status: 143 });
      free();
    },
    60_000,
  );

  test('leaves no lock in a store', () => {
    expect(readdirSync(at('store')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

const priorities = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // proc(5): field 19, behind the name, which may hold anything.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });

describeWithProgram('ionice', 'a long run', () => {
  async function waiting(use: (child: ChildProcessWithoutNullStreams, stderr: () => string) => Promise<void>) {
    // It reads its archive from a pipe that gives nothing.
    const args = [COMMAND, 'restore', '-q', '--nice', ...queueOptions(at('target')), '-'];
    const child = spawn(process.execPath, args);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    try {
      await expect.poll(() => new Set(priorities(child.pid ?? 0)), { timeout: 20_000 }).toEqual(new Set([19]));
      await use(child, () => stderr);
    } finally {
      child.kill('SIGKILL');
    }
  }

  test('with --nice leaves processor and disk to others, with all its threads', () =>
    waiting(async (child) => {
      const classes = () =>
        readdirSync(`/proc/${child.pid}/task`).map(
          (thread) => spawnSync('ionice', ['-p', thread], { encoding: 'utf8' }).stdout,
        );
      // The processor's priority comes first, then the disk's.
      await expect.poll(() => new Set(classes()), { timeout: 20_000 }).toEqual(new Set(['idle\n']));
    }));

  test('tells on SIGUSR1 how far it is, and goes on', () =>
    waiting(async (child, stderr) => {
      child.kill('SIGUSR1');
      await expect.poll(stderr, { timeout: 10_000 }).toMatch(/^postsnap: [^\n]+\n$/u);
      expect(child.exitCode).toBeNull();
      child.kill('SIGUSR1');
      await expect.poll(() => stderr().split('\n').length, { timeout: 10_000 }).toBe(3);
    }));
});
