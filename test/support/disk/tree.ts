import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileStatus, FileSystem, FileType } from '../../../src/fs/file-system.ts';

export interface TreeEntry {
  readonly type: FileType;
  readonly inode: bigint;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** Of a file, its bytes as latin1 text, so that a difference can be read. */
  readonly content: string | undefined;
}

/** All that stands below a directory, by path relative to it, in order: for comparing before and after. */
export function snapshotTree(fs: FileSystem, root: string): Map<string, TreeEntry> {
  const found = new Map<string, TreeEntry>();
  const visit = (directory: string, prefix: string): void => {
    for (const name of fs.readdir(directory).sort()) {
      const path = join(directory, name);
      const status = fs.lstat(path);
      if (status !== undefined) {
        found.set(`${prefix}${name}`, entryOf(fs, path, status));
        if (status.type === 'directory') {
          visit(path, `${prefix}${name}/`);
        }
      }
    }
  };
  visit(root, '');
  return found;
}

function entryOf(fs: FileSystem, path: string, status: FileStatus): TreeEntry {
  const { type, inode, mode, links, uid, gid, mtimeNs } = status;
  const content = type === 'file' ? Buffer.from(readWhole(fs, path)).toString('latin1') : undefined;
  return { type, inode, mode, links, uid, gid, mtimeNs, content };
}

/** The bytes of a file. */
export function readWhole(fs: FileSystem, path: string): Uint8Array {
  const fd = fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = new Uint8Array(fs.fstat(fd).size);
    let position = 0;
    for (;;) {
      const count = fs.read(fd, bytes, { offset: position, length: bytes.length - position, position });
      position += count;
      if (count === 0 || position === bytes.length) {
        return bytes.subarray(0, position);
      }
    }
  } finally {
    fs.close(fd);
  }
}

export interface FileAttributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtimeNs?: bigint;
}

/** Makes a file with its directories; what is there is overwritten. Nothing is synced. Returns the inode number. */
export function putFile(
  fs: FileSystem,
  path: string,
  { content = '', ...attributes }: FileAttributes & { readonly content?: Uint8Array | string },
): bigint {
  makeDirectories(fs, dirname(path));
  const fd = fs.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    fs.write(fd, typeof content === 'string' ? Buffer.from(content, 'latin1') : content, 0);
    setAttributes(fs, fd, attributes);
    return fs.fstat(fd).inode;
  } finally {
    fs.close(fd);
  }
}

function setAttributes(fs: FileSystem, fd: number, { mode, uid, gid, mtimeNs }: FileAttributes): void {
  if (uid !== undefined || gid !== undefined) {
    const status = fs.fstat(fd);
    fs.fchown(fd, uid ?? status.uid, gid ?? status.gid);
  }
  if (mode !== undefined) {
    fs.fchmod(fd, mode);
  }
  if (mtimeNs !== undefined) {
    fs.futimes(fd, mtimeNs, mtimeNs);
  }
}

/** Makes a directory and those above it. */
export function makeDirectories(fs: FileSystem, path: string, mode = 0o755): void {
  if (path === dirname(path) || fs.lstat(path) !== undefined) {
    return;
  }
  makeDirectories(fs, dirname(path), mode);
  fs.mkdir(path, mode);
}
