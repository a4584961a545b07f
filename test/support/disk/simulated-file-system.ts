import { constants } from 'node:fs';
import type { FileStatus, FileSystem, FileType, FreeSpace, ReadRange } from '../../../src/fs/file-system.ts';
import { crashImage, reachableFrom } from '../../fault/crash-image.ts';
import type { CrashChoice } from './crash-choice.ts';
import { errnoError } from './errno-error.ts';
import { type Attributes, SimulatedInode } from './simulated-inode.ts';
import { type NameChange, PendingNames, setEntry } from './simulated-names.ts';
import { locate, type Place } from './simulated-path.ts';

export interface SimulationOptions {
  /** False: link(2) fails with EPERM, as on vfat. */
  readonly hardLinks?: boolean;
  /** False: there is no syncfs, so each file needs its fsync. */
  readonly wholeSync?: boolean;
  /** Bytes and inodes that the file system holds; ENOSPC beyond. */
  readonly capacity?: { readonly bytes: number; readonly inodes: number };
  readonly umask?: number;
  /** Nanoseconds; by default a clock that goes on by a millisecond at each look. */
  readonly now?: () => bigint;
  /** False: every inode has a number of its own for ever. By default the lowest free one is given away again, as ext4 does. */
  readonly reuseInodes?: boolean;
}

interface Descriptor {
  readonly inode: SimulatedInode;
  readonly flags: number;
  position: number;
}

const EPOCH_NS = 1_700_000_000_000_000_000n;
const MILLISECOND_NS = 1_000_000n;

function steadyClock(): () => bigint {
  let time = EPOCH_NS;
  return () => {
    time += MILLISECOND_NS;
    return time;
  };
}

/**
 * A file system in memory that forgets in a crash what the strictest real one may forget. A running system sees the
 * volatile state. Durable is only what was synced: fsync of a file settles its data and attributes, not its names; fsync
 * of a directory its names, not the files; syncFileSystem everything. Of all other changes of names, modes, owners, times
 * and data each survives a crash or not, independently of order and of the others (btrfs loses an unlink and keeps a later
 * chmod). Paths are absolute. There are no permission checks.
 */
export class SimulatedFileSystem implements FileSystem {
  readonly #options: SimulationOptions;
  readonly #now: () => bigint;
  readonly #root: SimulatedInode;
  readonly #descriptors = new Map<number, Descriptor>();
  #freeNumbers: bigint[] = [];
  #nextNumber = 2n;
  #nextDevice = 66n;
  #usedBytes = 0;
  #usedInodes = 0;
  readonly #pending = new PendingNames();
  /** What the file system holds now; undefined: any amount. */
  #capacity: SimulationOptions['capacity'];

  constructor(options: SimulationOptions = {}, root?: SimulatedInode) {
    this.#options = options;
    this.#capacity = options.capacity;
    this.#now = options.now ?? steadyClock();
    this.#root = root ?? this.#newInode('directory', { device: 65n, mode: 0o755 });
    if (root === undefined) {
      this.#root.links = 2;
    } else {
      this.#adopt(root);
    }
  }

  open(path: string, flags: number, mode = 0o666): number {
    const nofollow = (flags & constants.O_NOFOLLOW) !== 0 || isExclusive(flags);
    const place = this.#locate(path, 'open', !nofollow);
    const inode = place.inode ?? this.#createFile(place, { path, flags, mode });
    this.#checkOpen(inode, { path, flags, existed: place.inode !== undefined });
    if ((flags & constants.O_TRUNC) !== 0 && inode.size > 0) {
      this.#truncateInode(inode, 0);
    }
    const fd = this.#lowestDescriptor();
    inode.openDescriptors += 1;
    this.#descriptors.set(fd, { inode, flags, position: 0 });
    return fd;
  }

  close(fd: number): void {
    const { inode } = this.#descriptor(fd, 'close');
    this.#descriptors.delete(fd);
    inode.openDescriptors -= 1;
    this.#releaseUnused(inode);
  }

  read(fd: number, buffer: Uint8Array, range: ReadRange): number {
    const { inode, flags } = this.#descriptor(fd, 'read');
    if ((flags & 3) === constants.O_WRONLY) {
      throw errnoError('EBADF', 'read');
    }
    if (inode.type === 'directory') {
      throw errnoError('EISDIR', 'read');
    }
    const bytes = inode.data.subarray(range.position, range.position + range.length);
    buffer.set(bytes, range.offset);
    return bytes.length;
  }

  write(fd: number, bytes: Uint8Array, position?: number): void {
    const descriptor = this.#descriptor(fd, 'write');
    const { inode, flags } = descriptor;
    if ((flags & 3) === constants.O_RDONLY) {
      throw errnoError('EBADF', 'write');
    }
    const append = (flags & constants.O_APPEND) !== 0;
    const at = append ? inode.size : (position ?? descriptor.position);
    const room = this.#freeBytes() + Math.max(0, inode.size - at);
    const fitting = bytes.subarray(0, Math.max(0, room));
    this.#usedBytes += Math.max(0, at + fitting.length - inode.size);
    inode.writeData(at, fitting);
    this.#touch(inode);
    if (position === undefined) {
      descriptor.position = at + fitting.length;
    }
    if (fitting.length < bytes.length) {
      throw errnoError('ENOSPC', 'write');
    }
  }

  fstat(fd: number): FileStatus {
    return statusOf(this.#descriptor(fd, 'fstat').inode);
  }

  lstat(path: string): FileStatus | undefined {
    try {
      const { inode } = this.#locate(path, 'lstat', false);
      return inode === undefined ? undefined : statusOf(inode);
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
        return undefined;
      }
      throw error;
    }
  }

  readdir(path: string): string[] {
    const inode = this.#existing(path, 'scandir', true);
    if (inode.type !== 'directory') {
      throw errnoError('ENOTDIR', 'scandir', path);
    }
    return [...inode.entries.keys()];
  }

  mkdir(path: string, mode: number): void {
    const place = this.#freePlace(path, 'mkdir');
    const inode = this.#newInode('directory', { device: place.directory.device, mode: this.#masked(mode) });
    inode.links = 1;
    place.directory.links += 1;
    this.#changeNames({ kind: 'add', subject: inode, parts: [{ ...place, inode }] });
  }

  rmdir(path: string): void {
    const place = this.#locate(path, 'rmdir', false);
    const inode = place.inode;
    if (inode === undefined) {
      throw errnoError('ENOENT', 'rmdir', path);
    }
    if (inode.type !== 'directory') {
      throw errnoError('ENOTDIR', 'rmdir', path);
    }
    if (inode.entries.size > 0) {
      throw errnoError('ENOTEMPTY', 'rmdir', path);
    }
    place.directory.links -= 1;
    inode.links = 1;
    this.#changeNames({ kind: 'remove', subject: inode, parts: [{ ...place, inode: undefined }] });
  }

  link(existing: string, created: string): void {
    const inode = this.#existing(existing, 'link', false);
    const place = this.#freePlace(created, 'link');
    if (inode.device !== place.directory.device) {
      throw errnoError('EXDEV', 'link', created);
    }
    if (inode.type === 'directory' || this.#options.hardLinks === false) {
      throw errnoError('EPERM', 'link', existing);
    }
    this.#changeNames({ kind: 'add', subject: inode, parts: [{ ...place, inode }] });
  }

  rename(from: string, to: string): void {
    const old = this.#locate(from, 'rename', false);
    const inode = old.inode;
    if (inode === undefined) {
      throw errnoError('ENOENT', 'rename', from);
    }
    const created = this.#locate(to, 'rename', false);
    this.#checkRename(inode, created, to);
    if (created.inode === inode) {
      return;
    }
    if (inode.type === 'directory') {
      old.directory.links -= 1;
      created.directory.links += created.inode === undefined ? 1 : 0;
    }
    this.#changeNames({
      kind: 'rename',
      subject: inode,
      parts: [
        { directory: created.directory, name: created.name, inode },
        { directory: old.directory, name: old.name, inode: undefined },
      ],
    });
  }

  unlink(path: string): void {
    const place = this.#locate(path, 'unlink', false);
    const inode = place.inode;
    if (inode === undefined) {
      throw errnoError('ENOENT', 'unlink', path);
    }
    if (inode.type === 'directory') {
      throw errnoError('EISDIR', 'unlink', path);
    }
    this.#changeNames({ kind: 'remove', subject: inode, parts: [{ ...place, inode: undefined }] });
  }

  truncate(fd: number, length: number): void {
    const { inode, flags } = this.#descriptor(fd, 'ftruncate');
    if ((flags & 3) === constants.O_RDONLY) {
      throw errnoError('EINVAL', 'ftruncate');
    }
    this.#truncateInode(inode, length);
  }

  fchmod(fd: number, mode: number): void {
    const { inode } = this.#descriptor(fd, 'fchmod');
    inode.change({ kind: 'mode', mode: mode & 0o7777 });
    inode.ctimeNs = this.#now();
  }

  fchown(fd: number, uid: number, gid: number): void {
    const { inode } = this.#descriptor(fd, 'fchown');
    inode.change({ kind: 'owner', uid, gid });
    inode.ctimeNs = this.#now();
  }

  futimes(fd: number, atimeNs: bigint, mtimeNs: bigint): void {
    const { inode } = this.#descriptor(fd, 'futime');
    const [atime, mtime] = [atimeNs, mtimeNs].map((time) => (time < 0n ? 0n : time - (time % 1000n)));
    inode.change({ kind: 'times', atimeNs: atime ?? 0n, mtimeNs: mtime ?? 0n });
    inode.ctimeNs = this.#now();
  }

  fsync(fd: number): void {
    const { inode } = this.#descriptor(fd, 'fsync');
    inode.settle();
    this.#pending.settle((directory) => directory === inode);
  }

  syncFileSystem(path: string): boolean {
    const { device } = this.#existing(path, 'syncfs', true);
    if (this.#options.wholeSync === false) {
      return false;
    }
    this.#pending.settle((directory) => directory.device === device);
    for (const inode of this.#reachable()) {
      if (inode.device === device) {
        inode.settle();
      }
    }
    return true;
  }

  freeSpace(path: string): FreeSpace {
    this.#existing(path, 'statfs', true);
    const capacity = this.#capacity;
    return capacity === undefined
      ? { bytes: 2n ** 50n, inodes: undefined }
      : { bytes: BigInt(this.#freeBytes()), inodes: BigInt(capacity.inodes - this.#usedInodes) };
  }

  /** Somebody else takes all bytes or inodes that are free, until room is made again; not part of what the program may do. */
  fill(what: 'bytes' | 'inodes' | 'nothing'): void {
    const full = { bytes: this.#usedBytes, inodes: this.#usedInodes };
    const without = { bytes: Number.MAX_SAFE_INTEGER, inodes: Number.MAX_SAFE_INTEGER };
    this.#capacity = what === 'nothing' ? this.#options.capacity : { ...without, [what]: full[what] };
  }

  /** Makes a symbolic link; not part of what the program itself may do. */
  symlink(target: string, path: string): void {
    const place = this.#freePlace(path, 'symlink');
    const inode = this.#newInode('link', { device: place.directory.device, mode: 0o777, target });
    this.#changeNames({ kind: 'add', subject: inode, parts: [{ ...place, inode }] });
  }

  /** Makes a socket or the like. */
  special(path: string): void {
    const place = this.#freePlace(path, 'mknod');
    const inode = this.#newInode('other', { device: place.directory.device, mode: this.#masked(0o666) });
    this.#changeNames({ kind: 'add', subject: inode, parts: [{ ...place, inode }] });
  }

  /** Makes a directory that is a file system of its own: another device number, no links or renames across. */
  mount(path: string): void {
    const place = this.#freePlace(path, 'mount');
    this.#nextDevice += 1n;
    const inode = this.#newInode('directory', { device: this.#nextDevice, mode: 0o755 });
    inode.links = 1;
    place.directory.links += 1;
    this.#changeNames({ kind: 'add', subject: inode, parts: [{ ...place, inode }] });
    this.settle();
  }

  /** Everything is on disk, on all devices. */
  settle(): void {
    this.#pending.settle(() => true);
    for (const inode of this.#reachable()) {
      inode.settle();
    }
  }

  /** The process died (SIGKILL): its descriptors are closed. What it did stays: that is no crash of the system. */
  endProcess(): void {
    for (const fd of this.#descriptors.keys()) {
      this.close(fd);
    }
  }

  /** How many descriptors are open: none may be left over. */
  get openDescriptors(): number {
    return this.#descriptors.size;
  }

  /** The file system as the machine finds it after a power loss now; this one stays as it is. */
  afterCrash(choice: CrashChoice): SimulatedFileSystem {
    // The clock goes on: of two inodes with one number the younger is known by its time of birth.
    const options = { ...this.#options, now: this.#now };
    return new SimulatedFileSystem(options, crashImage(this.#root, this.#pending, choice));
  }

  /** Takes over the inodes of a crash image: counts what is used. */
  #adopt(root: SimulatedInode): void {
    for (const inode of reachableFrom(root)) {
      this.#usedInodes += 1;
      this.#usedBytes += inode.type === 'file' ? inode.size : 0;
      if (inode.number >= this.#nextNumber) {
        this.#nextNumber = inode.number + 1n;
      }
      if (inode.device > this.#nextDevice) {
        this.#nextDevice = inode.device;
      }
    }
  }

  #changeNames(change: NameChange): void {
    this.#pending.add(change);
    for (const part of change.parts) {
      const replaced = part.directory.entries.get(part.name);
      if (part.inode !== undefined) {
        part.inode.links += 1;
        part.inode.ctimeNs = this.#now();
      }
      setEntry(part.directory.entries, part);
      this.#touch(part.directory);
      if (replaced !== undefined) {
        replaced.links -= 1;
        replaced.ctimeNs = this.#now();
        this.#releaseUnused(replaced);
      }
    }
  }

  #reachable(): Set<SimulatedInode> {
    const inodes = new Set(reachableFrom(this.#root));
    for (const { inode } of this.#descriptors.values()) {
      inodes.add(inode);
    }
    return inodes;
  }

  #locate(path: string, syscall: string, follow: boolean): Place {
    return locate(this.#root, { path, syscall, follow });
  }

  #existing(path: string, syscall: string, follow: boolean): SimulatedInode {
    const { inode } = this.#locate(path, syscall, follow);
    if (inode === undefined) {
      throw errnoError('ENOENT', syscall, path);
    }
    return inode;
  }

  #freePlace(path: string, syscall: string): Place {
    const place = this.#locate(path, syscall, false);
    if (place.inode !== undefined) {
      throw errnoError('EEXIST', syscall, path);
    }
    return place;
  }

  #createFile(place: Place, request: { path: string; flags: number; mode: number }): SimulatedInode {
    if ((request.flags & constants.O_CREAT) === 0) {
      throw errnoError('ENOENT', 'open', request.path);
    }
    const inode = this.#newInode('file', { device: place.directory.device, mode: this.#masked(request.mode) });
    this.#changeNames({ kind: 'add', subject: inode, parts: [{ ...place, inode }] });
    return inode;
  }

  #checkOpen(inode: SimulatedInode, { path, flags, existed }: { path: string; flags: number; existed: boolean }): void {
    const refusal = (): string | undefined => {
      if (existed && isExclusive(flags)) {
        return 'EEXIST';
      }
      if ((flags & constants.O_DIRECTORY) !== 0 && inode.type !== 'directory') {
        return 'ENOTDIR';
      }
      if (inode.type === 'link') {
        return 'ELOOP';
      }
      if (inode.type === 'other') {
        return 'ENXIO';
      }
      return inode.type === 'directory' && (flags & 3) !== constants.O_RDONLY ? 'EISDIR' : undefined;
    };
    const errno = refusal();
    if (errno !== undefined) {
      throw errnoError(errno, 'open', path);
    }
  }

  #checkRename(inode: SimulatedInode, created: Place, to: string): void {
    const replaced = created.inode;
    if (inode.device !== created.directory.device) {
      throw errnoError('EXDEV', 'rename', to);
    }
    if (replaced === undefined || replaced === inode) {
      return;
    }
    if (inode.type === 'directory') {
      if (replaced.type !== 'directory') {
        throw errnoError('ENOTDIR', 'rename', to);
      }
      if (replaced.entries.size > 0) {
        throw errnoError('ENOTEMPTY', 'rename', to);
      }
    } else if (replaced.type === 'directory') {
      throw errnoError('EISDIR', 'rename', to);
    }
  }

  #newInode(
    type: FileType,
    { device, mode, target }: { readonly device: bigint; readonly mode: number; readonly target?: string },
  ): SimulatedInode {
    const capacity = this.#capacity;
    if (capacity !== undefined && this.#usedInodes >= capacity.inodes) {
      throw errnoError('ENOSPC', 'open');
    }
    this.#usedInodes += 1;
    const time = this.#now();
    const attributes: Attributes = { mode, uid: 0, gid: 0, mtimeNs: time, atimeNs: time };
    const number = this.#freeNumbers.shift() ?? this.#takeNextNumber();
    return new SimulatedInode({ number, device, type, target }, attributes);
  }

  #takeNextNumber(): bigint {
    this.#nextNumber += 1n;
    return this.#nextNumber - 1n;
  }

  #releaseUnused(inode: SimulatedInode): void {
    if (inode.links > 0 || inode.openDescriptors > 0) {
      return;
    }
    this.#usedBytes -= inode.type === 'file' ? inode.size : 0;
    this.#usedInodes -= 1;
    if (this.#options.reuseInodes !== false) {
      this.#freeNumbers.push(inode.number);
      this.#freeNumbers.sort((one, other) => Number(one - other));
    }
  }

  #truncateInode(inode: SimulatedInode, length: number): void {
    this.#usedBytes += length - inode.size;
    inode.truncateData(length);
    this.#touch(inode);
  }

  #touch(inode: SimulatedInode): void {
    const time = this.#now();
    inode.attributes = { ...inode.attributes, mtimeNs: time };
    inode.ctimeNs = time;
  }

  #freeBytes(): number {
    const capacity = this.#capacity;
    return capacity === undefined ? Number.MAX_SAFE_INTEGER : capacity.bytes - this.#usedBytes;
  }

  #masked(mode: number): number {
    return mode & 0o7777 & ~(this.#options.umask ?? 0o022);
  }

  #descriptor(fd: number, syscall: string): Descriptor {
    const descriptor = this.#descriptors.get(fd);
    if (descriptor === undefined) {
      throw errnoError('EBADF', syscall);
    }
    return descriptor;
  }

  #lowestDescriptor(): number {
    let fd = 3;
    while (this.#descriptors.has(fd)) {
      fd += 1;
    }
    return fd;
  }
}

function isExclusive(flags: number): boolean {
  return (flags & constants.O_CREAT) !== 0 && (flags & constants.O_EXCL) !== 0;
}

function statusOf(inode: SimulatedInode): FileStatus {
  return {
    type: inode.type,
    device: inode.device,
    inode: inode.number,
    mode: inode.attributes.mode,
    links: inode.links,
    uid: inode.attributes.uid,
    gid: inode.attributes.gid,
    size: inode.size,
    mtimeNs: inode.attributes.mtimeNs,
    atimeNs: inode.attributes.atimeNs,
    ctimeNs: inode.ctimeNs,
    birthtimeNs: inode.birthtimeNs,
  };
}
