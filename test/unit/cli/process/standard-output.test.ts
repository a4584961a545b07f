import { describe, expect, test } from 'vitest';
import { BufferedOutput, OutputClosed } from '../../../../src/cli/process/standard-output.ts';
import { SystemError } from '../../../../src/errors.ts';

function recorder() {
  const writes: string[] = [];
  const fs = {
    write: (fd: number, bytes: Uint8Array) => {
      writes.push(`${fd}:${Buffer.from(bytes).toString()}`);
    },
  };
  return { fs, writes };
}

function failing(code: string) {
  return {
    write: () => {
      throw Object.assign(new Error(`${code}: write`), { errno: -1, code, syscall: 'write' });
    },
  };
}

describe('BufferedOutput', () => {
  test('holds small writes back until flush, and keeps their order', () => {
    const { fs, writes } = recorder();
    const output = new BufferedOutput(fs, 7);
    output.write('one ');
    output.write(Buffer.from('two'));
    expect(writes).toEqual([]);
    output.flush();
    output.flush();
    expect(writes).toEqual(['7:one two']);
  });

  test('writes by itself what is much, so that memory does not grow', () => {
    const { fs, writes } = recorder();
    const output = new BufferedOutput(fs, 1);
    output.write('x'.repeat(65_535));
    expect(writes).toHaveLength(0);
    output.write('y');
    expect(writes).toHaveLength(1);
  });

  test("copies what it holds back: the caller's buffer may change", () => {
    const { fs, writes } = recorder();
    const output = new BufferedOutput(fs, 1);
    const buffer = Buffer.from('before');
    output.write(buffer);
    buffer.write('after!');
    output.flush();
    expect(writes).toEqual(['1:before']);
  });

  test('tells a reader that has gone from a write that failed', () => {
    const gone = new BufferedOutput(failing('EPIPE'), 1);
    gone.write('x');
    expect(() => gone.flush()).toThrow(OutputClosed);
    const full = new BufferedOutput(failing('ENOSPC'), 1);
    full.write('x');
    expect(() => full.flush()).toThrow(SystemError);
    expect(() => full.flush()).not.toThrow();
  });
});
