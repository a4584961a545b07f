import { execFileSync, spawn } from 'node:child_process';
import { constants, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem as fs, unsigned } from '../../../src/fs/node-file-system.ts';
import { reportsWritebackErrors } from '../../../src/fs/sync-file-system.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'postsnap-node-fs-'));
});
afterEach(() => rmSync(base, { recursive: true }));

describe('nodeFileSystem', () => {
  it('writes and reads at positions, and at the file position without one', () => {
    const fd = fs.open(join(base, 'a'), constants.O_RDWR | constants.O_CREAT, 0o600);
    fs.write(fd, Buffer.from('one'));
    fs.write(fd, Buffer.from('two'));
    fs.write(fd, Buffer.from('X'), 1);
    const buffer = Buffer.alloc(8, '.');
    expect(fs.read(fd, buffer, { offset: 1, length: 7, position: 1 })).toBe(5);
    expect(buffer.toString()).toBe('.Xetwo..');
    expect(fs.read(fd, buffer, { offset: 0, length: 8, position: 6 })).toBe(0);
    fs.close(fd);
  });

  it('tells the status that stat(1) tells', () => {
    const path = join(base, 'a');
    writeFileSync(path, 'content', { mode: 0o640 });
    const [inode, links, size, device] = execFileSync('stat', ['-c', '%i %h %s %d', path], { encoding: 'utf8' })
      .trim()
      .split(' ');
    expect(fs.lstat(path)).toMatchObject({
      type: 'file',
      mode: 0o640,
      inode: BigInt(inode ?? ''),
      links: Number(links),
      size: Number(size),
      device: BigInt(device ?? ''),
    });
    const fd = fs.open(path, constants.O_RDONLY);
    expect(fs.fstat(fd)).toEqual(fs.lstat(path));
    fs.close(fd);
  });

  it('tells files, directories, links and the rest apart', () => {
    symlinkSync('nowhere', join(base, 'link'));
    writeFileSync(join(base, 'file'), '');
    expect(['link', 'file', '.'].map((name) => fs.lstat(join(base, name))?.type)).toEqual([
      'link',
      'file',
      'directory',
    ]);
    expect(fs.lstat('/dev/null')?.type).toBe('other');
    expect(fs.lstat(join(base, 'missing'))).toBeUndefined();
    expect(fs.lstat(join(base, 'file', 'below'))).toBeUndefined();
    expect(() => fs.lstat(join(base, 'x'.repeat(300)))).toThrow('ENAMETOOLONG');
  });

  it('sets times to the microsecond, in any year of this century and after', () => {
    const path = join(base, 'a');
    const fd = fs.open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    for (let microseconds = 0n; microseconds < 1_000_000n; microseconds += 9973n) {
      for (const seconds of [1n, 1_700_000_000n, 4_102_444_800n]) {
        const mtimeNs = (seconds * 1_000_000n + microseconds) * 1000n;
        fs.futimes(fd, mtimeNs + 1000n, mtimeNs + 999n);
        const status = fs.fstat(fd);
        expect([status.mtimeNs / 1000n, status.atimeNs / 1000n]).toEqual([mtimeNs / 1000n, mtimeNs / 1000n + 1n]);
      }
    }
    fs.close(fd);
  });

  it('continues a write to a pipe that is full for a while', async () => {
    const size = 1_000_000;
    const script = join(base, 'reader.sh');
    writeFileSync(script, `sleep 0.2; wc -c > ${join(base, 'count')}`);
    const reader = spawn('sh', [script], { stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = new Promise((resolve) => reader.once('exit', resolve));
    // Node makes its end of the pipe non-blocking: a write to the full pipe is answered with EAGAIN.
    const fd = descriptorOf(reader.stdin);
    fs.write(fd, new Uint8Array(size));
    reader.stdin.end();
    await ended;
    expect(Number(readFileSync(join(base, 'count'), 'utf8'))).toBe(size);
  });

  it('syncs the file system where the kernel reports errors of it', () => {
    expect(fs.syncFileSystem(base)).toBe(
      reportsWritebackErrors(process.platform, execFileSync('uname', ['-r']).toString()),
    );
    expect(() => fs.syncFileSystem(join(base, 'missing'))).toThrow('ENOENT');
  });

  it('tells the free space', () => {
    const { bytes, inodes } = fs.freeSpace(base);
    expect(bytes).toBeGreaterThan(0n);
    expect(inodes === undefined || inodes > 0n).toBe(true);
  });
});

function descriptorOf(stream: unknown): number {
  const handle = Reflect.get(Object(stream), '_handle') as { readonly fd: number };
  return handle.fd;
}

describe('unsigned', () => {
  it('gives numbers from 2^63 on as what they are', () => {
    expect(unsigned(-1n)).toBe(0xffff_ffff_ffff_ffffn);
    expect(unsigned(-(2n ** 63n))).toBe(2n ** 63n);
    expect(unsigned(17n)).toBe(17n);
  });
});

describe('reportsWritebackErrors', () => {
  it.each([
    ['linux', '5.8.0-1-amd64', true],
    ['linux', '6.1.0', true],
    ['linux', '5.10.0', true],
    ['linux', '5.7.19', false],
    ['linux', '4.18.0-553.el8', false],
    ['freebsd', '14.1-RELEASE', false],
    ['linux', 'unknown', false],
  ])('%s %s: %s', (system, release, expected) => {
    expect(reportsWritebackErrors(system, release)).toBe(expected);
  });
});
