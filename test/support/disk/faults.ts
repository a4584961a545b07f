import { constants } from 'node:fs';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { errnoOf } from '../../../src/fs/system-error.ts';
import { errnoError } from './errno-error.ts';
import { seededRandom } from './random.ts';

export type CallName = keyof FileSystem;

/** A call on the file system, in the order in which they were made; the first has index 0. */
export interface Call {
  readonly index: number;
  readonly name: CallName;
  /** The paths among the arguments. */
  readonly paths: readonly string[];
  /** An open with O_EXCL: the one kind that is not idempotent. */
  readonly exclusive: boolean;
}

/** What a cut-off process throws: it has no errno, so that nothing takes it for a system's answer; every later call throws it as well. */
export class Crash extends Error {
  readonly call: Call;

  constructor(call: Call) {
    super(`cut off at call ${call.index}: ${call.name} ${call.paths.join(' ')}`);
    this.call = call;
  }
}

export type CrashMoment =
  /** The call was not made. */
  | 'before'
  /** A write was half made; other calls: as before. */
  | 'during'
  /** The call was made, the program never knew. */
  | 'after';

type Fault =
  | { readonly kind: 'crash'; readonly moment: CrashMoment }
  | { readonly kind: 'error'; readonly errno: string }
  /** The call is done, and then reports an error: what NFS may do with calls that are not idempotent. */
  | { readonly kind: 'false error'; readonly errno: string };

/** How much of a call is carried out. */
interface Execution<Result> {
  readonly whole: () => Result;
  /** What may have been done of a call that failed. */
  readonly half: () => void;
  /** The call was done, but nobody hears of its result. */
  readonly unheard: () => void;
}

interface Rule {
  readonly applies: (call: Call) => boolean;
  readonly fault: Fault;
}

/** What a repeated call reports that was done already (NFS_README). */
const FALSE_ERRNOS: Partial<Record<CallName, string>> = {
  link: 'EEXIST',
  mkdir: 'EEXIST',
  open: 'EEXIST',
  rename: 'ENOENT',
  rmdir: 'ENOENT',
  unlink: 'ENOENT',
};

/** Calls that change what is on disk: a fault in one of the others is seldom of interest. */
export const CHANGING_CALLS: ReadonlySet<CallName> = new Set<CallName>([
  'open',
  'write',
  'mkdir',
  'rmdir',
  'link',
  'rename',
  'unlink',
  'truncate',
  'fchmod',
  'fchown',
  'futimes',
  'fsync',
  'syncFileSystem',
]);

/** A plan of faults, and the record of the calls that were made under it. */
export class Faults {
  readonly calls: Call[] = [];
  /** How many calls a fault was made of. */
  injected = 0;
  readonly #rules: Rule[] = [];
  readonly #before: ((call: Call) => void)[] = [];
  readonly #after: ((call: Call) => void)[] = [];
  #crash: Crash | undefined;

  /** Cuts the process off at the call with this index. */
  crashAt(index: number, moment: CrashMoment): this {
    return this.#add((call) => call.index === index, { kind: 'crash', moment });
  }

  /** The call with this index fails; nothing of it is done, or half of a write. */
  failAt(index: number, errno: string): this {
    return this.#add((call) => call.index === index, { kind: 'error', errno });
  }

  /** From this call on, every call of these names (default: all that change something) fails: a full or broken disk. */
  failFrom(index: number, errno: string, names: ReadonlySet<CallName> = CHANGING_CALLS): this {
    return this.#add((call) => call.index >= index && names.has(call.name), { kind: 'error', errno });
  }

  /** The call with this index is done and then fails. */
  falseErrorAt(index: number, errno: string): this {
    return this.#add((call) => call.index === index, { kind: 'false error', errno });
  }

  /** Calls that change something fail at random; the same seed gives the same faults for the same calls. */
  failAtRandom(options: { readonly seed: number; readonly rate: number; readonly errno: string }): this {
    const random = seededRandom(options.seed);
    const applies = (call: Call) => CHANGING_CALLS.has(call.name) && random() < options.rate;
    return this.#add(applies, { kind: 'error', errno: options.errno });
  }

  /** Links, renames, unlinks, mkdirs, exclusive creates are done and then report what a repeated call would: an NFS server that forgets. */
  falseErrorsAtRandom(options: { readonly seed: number; readonly rate: number }): this {
    const random = seededRandom(options.seed);
    for (const [name, errno] of Object.entries(FALSE_ERRNOS)) {
      const applies = (call: Call) =>
        call.name === name && (name !== 'open' || call.exclusive) && random() < options.rate;
      this.#add(applies, { kind: 'false error', errno });
    }
    return this;
  }

  /** A fault of one's own choice. */
  failWhen(applies: (call: Call) => boolean, errno: string): this {
    return this.#add(applies, { kind: 'error', errno });
  }

  /** Runs before each call is made, to play Postfix or an attacker between two calls. Its own calls go to the bare file system. */
  beforeCall(hook: (call: Call) => void): this {
    this.#before.push(hook);
    return this;
  }

  /** Runs after each call that was made. */
  afterCall(hook: (call: Call) => void): this {
    this.#after.push(hook);
    return this;
  }

  get crashed(): boolean {
    return this.#crash !== undefined;
  }

  /** Makes one call under the plan; for {@link faultyFileSystem}. */
  run<Result>(request: Omit<Call, 'index'>, execution: Execution<Result>): Result {
    if (this.#crash !== undefined) {
      throw this.#crash;
    }
    const call: Call = { ...request, index: this.calls.length };
    this.calls.push(call);
    for (const hook of this.#before) {
      hook(call);
    }
    const fault = this.#rules.find(({ applies }) => applies(call))?.fault;
    const result = fault === undefined ? execution.whole() : this.#fail(call, fault, execution);
    for (const hook of this.#after) {
      hook(call);
    }
    return result;
  }

  #fail(call: Call, fault: Fault, execution: Execution<unknown>): never {
    this.injected += 1;
    if (fault.kind === 'crash') {
      this.#crash = new Crash(call);
      crashDuring(fault.moment, execution);
      throw this.#crash;
    }
    if (fault.kind === 'error') {
      execution.half();
    } else {
      execution.unheard();
    }
    throw errnoError(fault.errno, call.name, call.paths[0]);
  }

  #add(applies: (call: Call) => boolean, fault: Fault): this {
    this.#rules.push({ applies, fault });
    return this;
  }
}

function crashDuring(moment: CrashMoment, execution: Execution<unknown>): void {
  try {
    if (moment === 'during') {
      execution.half();
    } else if (moment === 'after') {
      execution.unheard();
    }
  } catch (error) {
    // The call failed by itself; nobody is left to hear of it.
    if (errnoOf(error) === undefined) {
      throw error;
    }
  }
}

/** Any file system, the real one too, with the faults of a plan. */
export function faultyFileSystem(inner: FileSystem, faults: Faults): FileSystem {
  const run = <Result>(name: CallName, paths: readonly string[], whole: () => Result): Result =>
    faults.run({ name, paths, exclusive: false }, { whole, half: () => {}, unheard: whole });
  return {
    open: (path, flags, mode) =>
      faults.run(
        { name: 'open', paths: [path], exclusive: (flags & constants.O_EXCL) !== 0 },
        {
          whole: () => inner.open(path, flags, mode),
          half: () => {},
          unheard: () => inner.close(inner.open(path, flags, mode)),
        },
      ),
    close: (fd) => {
      const whole = () => inner.close(fd);
      // close(2): the descriptor is free again even if an error is reported.
      faults.run({ name: 'close', paths: [], exclusive: false }, { whole, half: whole, unheard: whole });
    },
    read: (fd, buffer, range) => run('read', [], () => inner.read(fd, buffer, range)),
    write: (fd, bytes, position) => {
      const whole = () => inner.write(fd, bytes, position);
      const half = () => inner.write(fd, bytes.subarray(0, bytes.length >> 1), position);
      faults.run({ name: 'write', paths: [], exclusive: false }, { whole, half, unheard: whole });
    },
    fstat: (fd) => run('fstat', [], () => inner.fstat(fd)),
    lstat: (path) => run('lstat', [path], () => inner.lstat(path)),
    readdir: (path) => run('readdir', [path], () => inner.readdir(path)),
    mkdir: (path, mode) => run('mkdir', [path], () => inner.mkdir(path, mode)),
    rmdir: (path) => run('rmdir', [path], () => inner.rmdir(path)),
    link: (existing, created) => run('link', [existing, created], () => inner.link(existing, created)),
    rename: (from, to) => run('rename', [from, to], () => inner.rename(from, to)),
    unlink: (path) => run('unlink', [path], () => inner.unlink(path)),
    truncate: (fd, length) => run('truncate', [], () => inner.truncate(fd, length)),
    fchmod: (fd, mode) => run('fchmod', [], () => inner.fchmod(fd, mode)),
    fchown: (fd, uid, gid) => run('fchown', [], () => inner.fchown(fd, uid, gid)),
    futimes: (fd, atimeNs, mtimeNs) => run('futimes', [], () => inner.futimes(fd, atimeNs, mtimeNs)),
    fsync: (fd) => run('fsync', [], () => inner.fsync(fd)),
    syncFileSystem: (path) => run('syncFileSystem', [path], () => inner.syncFileSystem(path)),
    freeSpace: (path) => run('freeSpace', [path], () => inner.freeSpace(path)),
  };
}
