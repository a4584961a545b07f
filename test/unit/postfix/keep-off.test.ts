/** Postfix's own lock, taken so that none is started. Needs root, as master(8) does. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPostfixOff } from '../../../src/postfix/keep-off.ts';

let queueDirectory = '';
let lockFile = '';

beforeEach(() => {
  queueDirectory = mkdtempSync(join(tmpdir(), 'postsnap-keep-off-'));
  lockFile = join(queueDirectory, 'pid', 'master.pid');
  mkdirSync(join(queueDirectory, 'pid'));
  chmodSync(queueDirectory, 0o755);
});
afterEach(() => rmSync(queueDirectory, { recursive: true }));

/** As open_lock.c takes it. */
function canMasterLock(): boolean {
  return spawnSync('flock', ['-n', '-x', lockFile, 'true']).status === 0;
}

describe.skipIf(process.getuid?.() !== 0)('the lock that keeps Postfix off', () => {
  it('is held until it is released, in a file as master makes it', async () => {
    const kept = await keepPostfixOff(queueDirectory);
    expect(statSync(lockFile).mode & 0o777).toBe(0o600);
    expect(canMasterLock()).toBe(false);
    await kept?.release();
    expect(canMasterLock()).toBe(true);
  });

  it('is not had while master has it, nor taken from it', async () => {
    const master = spawn('flock', ['-x', lockFile, 'sh', '-c', 'echo held && exec cat'], { stdio: 'pipe' });
    await once(master.stdout, 'data');
    expect(await keepPostfixOff(queueDirectory)).toBeUndefined();
    expect(canMasterLock()).toBe(false);
    master.stdin.end();
    await once(master, 'close');
    expect(canMasterLock()).toBe(true);
  });

  it('is not asked for in a directory that others can change, or that is missing', async () => {
    chmodSync(join(queueDirectory, 'pid'), 0o777);
    expect(await keepPostfixOff(queueDirectory)).toBeUndefined();
    expect(existsSync(lockFile)).toBe(false);
    rmSync(join(queueDirectory, 'pid'), { recursive: true });
    expect(await keepPostfixOff(queueDirectory)).toBeUndefined();
    expect(existsSync(join(queueDirectory, 'pid'))).toBe(false);
  });

  it.each([0, 65_534])('has the process ID taken away that the file of user %i has', async (uid) => {
    writeFileSync(lockFile, `${process.pid}\n`);
    chownSync(lockFile, uid, uid);
    const { ino } = statSync(lockFile);
    const kept = await keepPostfixOff(queueDirectory);
    expect(kept).toBeDefined();
    expect(readFileSync(lockFile, 'utf8')).toBe('');
    expect(statSync(lockFile).ino).toBe(ino);
    await kept?.release();
  });

  it('leaves the file alone while master has it', async () => {
    writeFileSync(lockFile, `${process.pid}\n`);
    const master = spawn('flock', ['-x', lockFile, 'sh', '-c', 'echo held && exec cat'], { stdio: 'pipe' });
    await once(master.stdout, 'data');
    expect(await keepPostfixOff(queueDirectory)).toBeUndefined();
    expect(readFileSync(lockFile, 'utf8')).toBe(`${process.pid}\n`);
    master.stdin.end();
    await once(master, 'close');
  });

  it.each([
    ['a link', symlinkSync],
    ['a second name', linkSync],
  ])('empties no other file by %s to it that mail_owner has put there', async (_what, make) => {
    const other = join(queueDirectory, 'other');
    writeFileSync(other, 'precious');
    make(other, lockFile);
    expect(await keepPostfixOff(queueDirectory)).toBeUndefined();
    expect(readFileSync(other, 'utf8')).toBe('precious');
  });
});
