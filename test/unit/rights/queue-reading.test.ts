import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { QueueReading } from '../../../src/rights/queue-reading.ts';

describe('reading for mail_owner', () => {
  let top: string;
  let queue: string;
  let opened: string[];
  let reading: QueueReading;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'postsnap-reading-'));
    queue = join(top, 'queue');
    mkdirSync(join(queue, 'deferred', 'A'), { recursive: true });
    writeFileSync(join(queue, 'deferred', 'A', 'A1'), 'mail');
    writeFileSync(join(top, 'secret'), 'secret');
    opened = [];
    reading = new QueueReading(nodeFileSystem, queue, (path) => opened.push(path));
  });
  afterEach(() => {
    reading.closeAll();
    rmSync(top, { recursive: true });
  });

  it('reads a file of the queue, and tells its name', () => {
    const handle = reading.open('deferred/A/A1');
    expect(reading.status(handle)).toMatchObject({ type: 'file', size: 4 });
    expect(Buffer.from(reading.read(handle, 1, 100)).toString()).toBe('ail');
    expect(opened).toEqual(['deferred/A/A1']);
    reading.close(handle);
    expect(() => reading.read(handle, 0, 1)).toThrow('no open file');
    expect(() => reading.close(handle)).toThrow('no open file');
  });

  it.each([
    ['a link', (path: string) => symlinkSync(join(top, 'secret'), path), 'ELOOP'],
    ['a hard link', (path: string) => linkSync(join(top, 'secret'), path), /has 2 names .*find \/ -xdev -samefile/u],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path]), 'no regular file'],
    ['a directory', (path: string) => mkdirSync(path), 'no regular file'],
  ])('does not read through %s', (_, make, refusal) => {
    make(join(queue, 'deferred', 'A', 'A2'));
    expect(() => reading.open('deferred/A/A2')).toThrow(refusal);
    expect(opened).toEqual([]);
  });

  it.each(['deferred', 'deferred/A'])('follows no link in the place of the directory %s', (directory) => {
    renameSync(join(queue, directory), join(top, 'aside'));
    mkdirSync(join(top, 'other', 'A'), { recursive: true });
    writeFileSync(join(top, 'other', 'A', 'A1'), 'secret');
    symlinkSync(join(top, 'other', directory === 'deferred' ? '' : 'A'), join(queue, directory));
    expect(() => reading.open('deferred/A/A1')).toThrow(/ENOTDIR|ELOOP/u);
  });

  it('holds few files open', () => {
    const open = (): void => {
      for (let count = 0; count < 1000; count += 1) {
        reading.open('deferred/A/A1');
      }
    };
    expect(open).toThrow('files are open');
    expect(opened.length).toBeLessThan(100);
  });
});
