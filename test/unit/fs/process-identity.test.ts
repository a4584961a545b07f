import { type ChildProcess, spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { identifyProcess, livenessOf } from '../../../src/fs/process-identity.ts';

const self = identifyProcess();

async function withChild(body: (child: ChildProcess & { readonly pid: number }) => unknown): Promise<void> {
  const child = spawn('sleep', ['60']);
  const { pid } = child;
  if (pid === undefined) {
    throw new Error('sleep did not start');
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await body(Object.assign(child, { pid }));
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

describe('livenessOf', () => {
  it('sees this process and its children', async () => {
    expect(livenessOf(self, self)).toBe('alive');
    await withChild(({ pid }) => expect(livenessOf(identifyProcess(pid), self)).toBe('alive'));
  });

  it('sees that a process has ended', async () => {
    let child = self;
    await withChild(({ pid }) => {
      child = identifyProcess(pid);
    });
    expect(livenessOf(child, self)).toBe('dead');
  });

  it('is not misled by another process with the same pid', () => {
    expect(self.startTime).toMatch(/^\d+$/u);
    expect(livenessOf({ ...self, startTime: '1' }, self)).toBe('dead');
  });

  it('knows that nothing survives the end of the system', () => {
    // A system that was never started has no machine-id.
    const here = { ...self, machine: 'm1' };
    expect(livenessOf({ ...here, bootId: 'another' }, here)).toBe('dead');
  });

  it('does not judge processes of other hosts, of hosts with the same name, and of other containers', () => {
    expect(livenessOf({ ...self, host: 'another' }, self)).toBe('unknown');
    expect(livenessOf({ ...self, machine: 'another', bootId: 'another' }, self)).toBe('unknown');
    expect(livenessOf({ ...self, pidNamespace: 'another' }, self)).toBe('unknown');
  });

  it('does not take another system of the same name for an earlier start of this one, where none has a machine-id', () => {
    const nameless = { ...self, machine: '' };
    expect(livenessOf({ ...nameless, bootId: 'another' }, nameless)).toBe('unknown');
    expect(livenessOf({ ...nameless, startTime: '1' }, nameless)).toBe('dead');
  });

  it('does without /proc: the pid alone counts then', () => {
    const blind = { bootId: '', pidNamespace: '', startTime: '' };
    expect(livenessOf({ ...self, ...blind }, { ...self, ...blind })).toBe('alive');
    expect(livenessOf({ ...self, ...blind, pid: 2 ** 22 + 1 }, { ...self, ...blind })).toBe('dead');
  });
});
