import { describe, expect, it } from 'vitest';
import { BusyError, SystemError } from '../../../src/errors.ts';
import { acquireLock, type Lock } from '../../../src/fs/lock.ts';
import type { LockEnvironment } from '../../../src/fs/lock-environment.ts';
import { decodeLockRecord, encodeLockRecord } from '../../../src/fs/lock-record.ts';
import { Crash, Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../support/disk/tree.ts';

const NOW = 1_700_000_000_000;

/** The processes of a small world: who of them lives can be changed at any time. */
class World {
  readonly disk = new SimulatedFileSystem();
  readonly dead = new Set<number>();
  readonly foreign = new Set<number>();
  readonly pauses: number[] = [];
  #nonces = 0;

  constructor() {
    this.disk.mkdir('/q', 0o700);
  }

  environment(pid: number): LockEnvironment {
    return {
      self: { host: 'mail', machine: 'm', pid, bootId: 'b', pidNamespace: 'n', startTime: '1' },
      liveness: (other) => (this.foreign.has(other.pid) ? 'unknown' : this.dead.has(other.pid) ? 'dead' : 'alive'),
      now: () => NOW,
      sleep: (milliseconds) => this.pauses.push(milliseconds),
      nonce: () => {
        this.#nonces += 1;
        return this.#nonces.toString(16).padStart(32, '0');
      },
    };
  }

  acquire(pid: number, faults = new Faults()): Lock {
    return acquireLock(faultyFileSystem(this.disk, faults), '/q', this.environment(pid));
  }

  /** The pid in the lock file, if there is one. */
  holder(): number | undefined {
    return this.disk.lstat('/q/lock') === undefined
      ? undefined
      : decodeLockRecord(readWhole(this.disk, '/q/lock'))?.owner.pid;
  }

  names(): string[] {
    return this.disk.readdir('/q').sort();
  }
}

function caught(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a free lock', () => {
  it('is taken, held by one file with one link, and given back', () => {
    const world = new World();
    const lock = world.acquire(1);
    expect(world.names()).toEqual(['lock']);
    expect(world.disk.lstat('/q/lock')).toMatchObject({ mode: 0o600, links: 1 });
    expect(world.holder()).toBe(1);
    lock.release();
    expect(world.names()).toEqual([]);
    world.acquire(2);
    expect(world.holder()).toBe(2);
  });

  it('is not given back by who does not have it any more', () => {
    const world = new World();
    const lock = world.acquire(1);
    world.disk.unlink('/q/lock');
    world.acquire(2);
    lock.release();
    expect(world.holder()).toBe(2);
  });
});

describe('a held lock', () => {
  it('is told at once, with its holder, and left alone', () => {
    const world = new World();
    world.acquire(1);
    const error = caught(() => world.acquire(2));
    expect(error).toBeInstanceOf(BusyError);
    expect(error).toMatchObject({ code: 'locked', path: '/q/lock', nextStep: expect.stringContaining('/q/lock') });
    expect(String(error)).toContain('process 1 on mail, for 0 seconds');
    expect(world.names()).toEqual(['lock']);
    expect(world.pauses).toEqual([]);
  });

  it('stays, if its holder can not be seen from here', () => {
    const world = new World();
    world.acquire(1);
    world.foreign.add(1);
    expect(caught(() => world.acquire(2))).toMatchObject({ code: 'locked' });
    expect(world.holder()).toBe(1);
  });

  it('is taken over when its holder is dead, with nothing left over', () => {
    const world = new World();
    world.acquire(1);
    world.dead.add(1);
    world.acquire(2);
    expect(world.holder()).toBe(2);
    expect(world.names()).toEqual(['lock']);
  });

  it('that can not be read is not taken over, after some tries with longer and longer pauses', () => {
    const world = new World();
    putFile(world.disk, '/q/lock', { content: 'garbage' });
    expect(caught(() => world.acquire(1))).toMatchObject({
      code: 'locked',
      nextStep: expect.stringContaining('/q/lock'),
    });
    expect(world.pauses).toEqual([50, 100, 200, 400, 800]);
    expect(world.names()).toEqual(['lock']);
  });

  it('that is a symbolic link is not followed', () => {
    const world = new World();
    world.disk.symlink('/etc/passwd', '/q/lock');
    expect(caught(() => world.acquire(1))).toBeInstanceOf(SystemError);
    expect(world.disk.lstat('/q/lock')?.type).toBe('link');
  });
});

describe('over NFS', () => {
  it('is taken by a link that reports an error', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const world = new World();
      const lock = world.acquire(1, new Faults().falseErrorsAtRandom({ seed, rate: 0.5 }));
      expect(world.holder()).toBe(1);
      lock.release();
      expect(world.holder()).toBeUndefined();
    }
  });

  it('can not be told when links fail without being refused: later, then', () => {
    const world = new World();
    const error = caught(() =>
      world.acquire(
        1,
        new Faults().failWhen(({ name }) => name === 'link', 'ETIMEDOUT'),
      ),
    );
    expect(error).toMatchObject({ code: 'locked', message: expect.stringContaining('ETIMEDOUT') });
    expect(world.pauses.length).toBe(5);
    expect(world.names()).toEqual([]);
  });

  it.each(['EPERM', 'EOPNOTSUPP', 'EROFS'])('fails at once where links are refused (%s)', (errno) => {
    const world = new World();
    const error = caught(() =>
      world.acquire(
        1,
        new Faults().failWhen(({ name }) => name === 'link', errno),
      ),
    );
    expect(error).toMatchObject({ code: 'refused', errno });
    expect(world.pauses).toEqual([]);
    expect(world.names()).toEqual([]);
  });

  it('finds out by a second look that it was taken', () => {
    const world = new World();
    // The link is done, reports an error, and the look at it fails as well.
    const faults = new Faults();
    let lost = false;
    faults.failWhen(({ name }) => {
      const isFirst = name === 'lstat' && !lost;
      lost ||= isFirst;
      return isFirst;
    }, 'EIO');
    const linkAt = 5;
    const lock = world.acquire(1, faults.falseErrorAt(linkAt, 'EIO'));
    expect(faults.calls[linkAt]?.name).toBe('link');
    expect(lost).toBe(true);
    expect(world.pauses).toEqual([50]);
    expect(world.holder()).toBe(1);
    lock.release();
    expect(world.holder()).toBeUndefined();
  });
});

/** How many calls an undisturbed try makes. */
function callsOf(prepare: (world: World) => void): number {
  const world = new World();
  prepare(world);
  const faults = new Faults();
  world.acquire(2, faults);
  return faults.calls.length;
}

const free = () => {};
const stale = (world: World) => {
  world.acquire(1);
  world.dead.add(1);
};

/** At which call a process that takes over a dead lock makes the name that gives it the right to do so. */
function successionCall(): number {
  const world = new World();
  stale(world);
  const faults = new Faults();
  world.acquire(2, faults);
  return faults.calls.findIndex(({ name, paths }) => name === 'link' && (paths[1] ?? '').includes('lock.after.'));
}

// Process 9 won the right to replace the dead lock, and died.
const twiceStale = (world: World) => {
  stale(world);
  expect(caught(() => world.acquire(9, new Faults().crashAt(successionCall(), 'after')))).toBeInstanceOf(Crash);
  expect(world.names().some((name) => name.startsWith('lock.after.'))).toBe(true);
  world.disk.endProcess();
  world.dead.add(9);
};

describe.each([
  ['free', free],
  ['stale', stale],
  ['stale twice over', twiceStale],
])('a lock that is %s', (_, prepare) => {
  const count = callsOf(prepare);

  it('is held by exactly one of two, at whichever call the other comes in between', () => {
    for (let index = 0; index < count; index += 1) {
      const world = new World();
      prepare(world);
      const winners: number[] = [];
      const faults = new Faults().beforeCall((call) => {
        if (call.index === index) {
          const error = caught(() => world.acquire(3));
          expect(error === undefined || error instanceof BusyError).toBe(true);
          winners.push(...(error === undefined ? [3] : []));
        }
      });
      const error = caught(() => world.acquire(2, faults));
      expect(error === undefined || error instanceof BusyError).toBe(true);
      winners.push(...(error === undefined ? [2] : []));
      expect(winners, `at call ${index}`).toEqual([world.holder()]);
    }
  });

  it('is held by one of two at most, if the other comes, dies and a third comes', { timeout: 60_000 }, () => {
    for (let index = 0; index < count; index += 1) {
      for (let death = 0; death < count; death += 1) {
        const world = new World();
        prepare(world);
        const winners: number[] = [];
        const faults = new Faults().beforeCall((call) => {
          if (call.index === index) {
            caught(() => world.acquire(3, new Faults().crashAt(death, 'after')));
            world.dead.add(3);
            winners.push(...(caught(() => world.acquire(4)) === undefined ? [4] : []));
          }
        });
        winners.push(...(caught(() => world.acquire(2, faults)) === undefined ? [2] : []));
        expect(winners.length, `at calls ${index}, ${death}`).toBeLessThanOrEqual(1);
        if (winners.length === 1) {
          expect(world.holder()).toBe(winners[0]);
        }
      }
    }
  });

  it.each(['before', 'after'] as const)(
    'can be taken by the next one, %s whichever call the first is cut off',
    (moment) => {
      for (let index = 0; index < count; index += 1) {
        const world = new World();
        prepare(world);
        expect(caught(() => world.acquire(2, new Faults().crashAt(index, moment)))).toBeInstanceOf(Crash);
        world.dead.add(2);
        world.acquire(3);
        expect(world.holder()).toBe(3);
        expect(world.names()).toEqual(world.names().filter((name) => name === 'lock' || isEmpty(world, name)));
      }
    },
  );

  it.each(['EIO', 'ENOSPC', 'EEXIST'])('is held or not held after %s at any call, and never both', (errno) => {
    for (let index = 0; index < count; index += 1) {
      const world = new World();
      prepare(world);
      const error = caught(() => world.acquire(2, new Faults().failAt(index, errno)));
      if (error === undefined) {
        expect(world.holder()).toBe(2);
      } else {
        expect(error instanceof BusyError || error instanceof SystemError).toBe(true);
        expect(world.holder()).not.toBe(2);
      }
      expect(world.disk.openDescriptors).toBe(0);
    }
  });
});

function isEmpty(world: World, name: string): boolean {
  return world.disk.lstat(`/q/${name}`)?.size === 0;
}

describe('the lock file', () => {
  const record = {
    owner: { host: 'h', machine: '', pid: 7, bootId: '', pidNamespace: '', startTime: '' },
    nonce: 'a'.repeat(32),
    since: NOW,
  };

  it('is read as it was written', () => {
    expect(decodeLockRecord(encodeLockRecord(record))).toEqual(record);
  });

  it.each([
    ['an empty file', ''],
    ['half a line', '{"owner":{"ho'],
    ['no object', '[]'],
    ['no owner', JSON.stringify({ ...record, owner: null })],
    ['pid 0', JSON.stringify({ ...record, owner: { ...record.owner, pid: 0 } })],
    ['pid -1', JSON.stringify({ ...record, owner: { ...record.owner, pid: -1 } })],
    ['a path for a nonce', JSON.stringify({ ...record, nonce: '../../etc/passwd' })],
    ['no time', JSON.stringify({ ...record, since: 'now' })],
    ['a number for a host', JSON.stringify({ ...record, owner: { ...record.owner, host: 1 } })],
  ])('is not believed with %s', (_, content) => {
    expect(decodeLockRecord(Buffer.from(content))).toBeUndefined();
  });
});
