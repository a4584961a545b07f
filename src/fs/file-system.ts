/**
 * The door to the disk: every call that postsnap makes on files goes through this interface, so that tests can count,
 * fail or cut off each of them. It is synchronous: for many small files that is several times faster than promises.
 *
 * Calls throw the `NodeJS.ErrnoException` of the system, except where a method says otherwise.
 */
export interface FileSystem {
  open(path: string, flags: number, mode?: number): number;
  close(fd: number): void;
  /** Reads at `position`; returns the number of bytes, 0 at the end. */
  read(fd: number, buffer: Uint8Array, range: ReadRange): number;
  /** Writes all of `bytes` at `position` (short writes are continued), or at the file's own position without one. */
  write(fd: number, bytes: Uint8Array, position?: number): void;
  fstat(fd: number): FileStatus;
  /** The status of the name itself (links are not followed), or undefined where there is none (ENOENT, ENOTDIR). */
  lstat(path: string): FileStatus | undefined;
  /** The names in a directory, without `.` and `..`, in the file system's own order. */
  readdir(path: string): string[];
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  link(existing: string, created: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  truncate(fd: number, length: number): void;
  fchmod(fd: number, mode: number): void;
  fchown(fd: number, uid: number, gid: number): void;
  /** Sets both times. Node keeps the microseconds of the nanoseconds given, not what is below, and no time before 1970. */
  futimes(fd: number, atimeNs: bigint, mtimeNs: bigint): void;
  fsync(fd: number): void;
  /**
   * Makes everything durable that was written to the file system that holds `path` (`sync -f`, syncfs(2)).
   * Returns false where that can't be had, or could not report errors: then each file and directory needs its fsync.
   */
  syncFileSystem(path: string): boolean;
  /** Free room on the file system that holds `path`, for this user. */
  freeSpace(path: string): FreeSpace;
}

export interface ReadRange {
  readonly offset: number;
  readonly length: number;
  readonly position: number;
}

export type FileType = 'file' | 'directory' | 'link' | 'other';

export interface FileStatus {
  readonly type: FileType;
  readonly device: bigint;
  readonly inode: bigint;
  /** The permission bits with set-id and sticky: `st_mode & 07777`. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  /** 0 where the file system does not tell. */
  readonly birthtimeNs: bigint;
}

export interface FreeSpace {
  readonly bytes: bigint;
  /** Undefined where the file system makes inodes as it needs them (btrfs): then only the bytes count. */
  readonly inodes: bigint | undefined;
  /** Whether each further name of a file takes as much of them as a file: tmpfs (mm/shmem.c, shmem_link). */
  readonly linksTakeInodes?: boolean;
}
