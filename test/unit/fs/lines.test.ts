import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLines } from '../../../src/fs/lines.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'postsnap-lines-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function linesOf(name: string): string[] {
  return [...readLines(nodeFileSystem, join(directory, name))];
}

describe('the lines of a file', () => {
  it('are given without their newlines, and without what follows the last', () => {
    writeFileSync(join(directory, 'three'), `one\n\n${'x'.repeat(200_000)}\ntorn`);
    expect(linesOf('three')).toEqual(['one', '', 'x'.repeat(200_000)]);
  });

  it('are not waited for where somebody made a FIFO', () => {
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    expect(() => linesOf('fifo')).toThrow(
      expect.objectContaining({ code: 'refused', message: expect.stringContaining('no regular file') }),
    );
  });

  it('are not looked for in a directory, nor behind a link', () => {
    mkdirSync(join(directory, 'directory'));
    symlinkSync('/etc/passwd', join(directory, 'link'));
    expect(() => linesOf('directory')).toThrow(/no regular file/u);
    expect(() => linesOf('link')).toThrow(expect.objectContaining({ code: 'ELOOP' }));
  });

  it('do not fill the memory', () => {
    writeFileSync(join(directory, 'endless'), '');
    truncateSync(join(directory, 'endless'), 2 ** 40);
    expect(() => linesOf('endless')).toThrow(/too long/u);
  });
});
