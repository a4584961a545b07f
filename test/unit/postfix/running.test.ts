import { describe, expect, it } from 'vitest';
import type { CommandOutcome } from '../../../src/fs/command.ts';
import { isPostfixRunning } from '../../../src/postfix/running.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

interface Situation {
  /** The exit statuses of the commands that are installed. */
  readonly commands?: Readonly<Record<string, number>>;
  readonly lockFile?: boolean;
  readonly procLocks?: (inode: bigint) => string;
}

function ask({ commands = {}, lockFile = true, procLocks }: Situation) {
  const disk = new SimulatedFileSystem();
  const inode = lockFile ? putFile(disk, '/q/pid/master.pid', { content: '  42\n' }) : 0n;
  if (procLocks !== undefined) {
    putFile(disk, '/proc/locks', { content: procLocks(inode) });
  }
  const calls: string[] = [];
  const run = (command: string, words: readonly string[]): CommandOutcome | undefined => {
    calls.push([command, ...words].join(' '));
    const status = commands[command];
    return status === undefined ? undefined : { status, stdout: '', stderr: '' };
  };
  const question = { queueDirectory: '/q', configDirectory: '/etc/postfix' };
  return { answer: isPostfixRunning(question, { fs: disk, run }), calls };
}

// Device 65 of the simulated disk is major 0, minor 41 (hexadecimal).
const line = (inode: bigint, kind = 'WRITE') => `1: FLOCK  ADVISORY  ${kind} 42 00:41:${inode} 0 EOF\n`;

describe('isPostfixRunning', () => {
  it('knows that nothing runs where there is no lock file, and runs nothing', () => {
    const { answer, calls } = ask({ lockFile: false, commands: { flock: 75 } });
    expect(answer).toEqual({ running: false, by: 'no lock file' });
    expect(calls).toEqual([]);
  });

  it('goes by the lock, not by the file', () => {
    const free = ask({ commands: { flock: 0 } });
    expect(free.answer).toEqual({ running: false, by: 'flock' });
    expect(free.calls).toEqual(['flock -n -s -E 75 /q/pid/master.pid true']);
    expect(ask({ commands: { flock: 75 } }).answer).toEqual({ running: true, by: 'flock' });
  });

  it('takes lockf where there is no flock', () => {
    expect(ask({ commands: { lockf: 0 } }).answer).toEqual({ running: false, by: 'lockf' });
    expect(ask({ commands: { lockf: 75 } }).answer).toEqual({ running: true, by: 'lockf' });
  });

  it('believes "postfix status" only if it says yes', () => {
    expect(ask({ commands: { flock: 66, postfix: 0 } }).answer).toEqual({ running: true, by: 'postfix status' });
    expect(ask({ commands: { postfix: 1 } }).answer).toBeUndefined();
  });

  it('reads /proc/locks in the end', () => {
    expect(ask({ procLocks: (inode) => line(1n) + line(inode) }).answer).toEqual({ running: true, by: '/proc/locks' });
    expect(ask({ procLocks: (inode) => line(inode + 1n) }).answer).toEqual({ running: false, by: '/proc/locks' });
    expect(ask({ procLocks: (inode) => line(inode, 'READ ') }).answer).toEqual({ running: false, by: '/proc/locks' });
  });

  it('says so if it can not tell', () => {
    expect(ask({}).answer).toBeUndefined();
  });
});
