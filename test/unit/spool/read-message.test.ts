import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InterruptedError } from '../../../src/errors.ts';
import { errnoText } from '../../../src/fs/errno-text.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { type OpenMessage, readMessage } from '../../../src/spool/read-message.ts';
import { errnoError } from '../../support/disk/errno-error.ts';
import { makeQueueDirectory, put, spoolOf } from '../../support/queue/queue-directory.ts';

const ID = '4D9195D7C3';

function textOf(file: Pick<OpenMessage, 'read' | 'status'>): string {
  return Buffer.from(file.read(0, file.status.size)).toString();
}

/** One call at one file fails. */
function brokenAt(
  queue: string,
  place: string,
  { call, errno }: { readonly call: 'lstat' | 'open' | 'fstat'; readonly errno: string },
): FileSystem {
  const path = join(queue, place);
  const opened = new Set<number>();
  const failIf = (isBroken: boolean): void => {
    if (isBroken) {
      throw errnoError(errno, call, path);
    }
  };
  return {
    ...nodeFileSystem,
    lstat: (name) => {
      // What can't be opened is looked at before: so the same file is looked at, too.
      failIf(call === 'lstat' && name === path);
      return nodeFileSystem.lstat(name);
    },
    open: (name, flags, mode) => {
      failIf((call === 'open' || call === 'lstat') && name === path);
      const fd = nodeFileSystem.open(name, flags, mode);
      if (name === path) {
        opened.add(fd);
      }
      return fd;
    },
    fstat: (fd) => {
      failIf(call === 'fstat' && opened.has(fd));
      return nodeFileSystem.fstat(fd);
    },
  };
}

function read(queue: string, paths: readonly string[], between: () => void = () => {}): unknown[] {
  return readMessage(
    spoolOf(queue),
    { id: ID, paths },
    {
      nowNs: BigInt(Date.now()) * 1_000_000n,
      take: (message) => {
        const text = textOf(message);
        between();
        const logs = message.logs(true).map((log) => `${log.path}=${textOf(log)}`);
        return { text, path: message.path, logs };
      },
    },
  );
}

describe('readMessage', () => {
  test('reads a message with its logs', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`, { content: 'mail' });
    put(queue, `defer/4/${ID}`, { content: 'later', mode: 0o600 });
    put(queue, `bounce/${ID}`, { content: 'never', mode: 0o600 });
    expect(read(queue, [`active/${ID}`])).toEqual([
      {
        kind: 'read',
        value: { text: 'mail', path: `active/${ID}`, logs: [`defer/4/${ID}=later`, `bounce/${ID}=never`] },
        logIssues: [],
      },
    ]);
  });

  test('finds one that has moved, in all queues and hash depths', () => {
    const queue = makeQueueDirectory();
    put(queue, `deferred/4/${ID}`, { content: 'mail' });
    expect(read(queue, [`active/${ID}`])).toMatchObject([{ kind: 'read', value: { path: `deferred/4/${ID}` } }]);
    renameSync(join(queue, `deferred/4/${ID}`), join(queue, `deferred/${ID}`));
    expect(read(queue, [`active/${ID}`])).toMatchObject([{ kind: 'read', value: { path: `deferred/${ID}` } }]);
  });

  test('tells of one that is gone, and of one that is still being written', () => {
    const queue = makeQueueDirectory();
    expect(read(queue, [`active/${ID}`])).toEqual([{ kind: 'vanished' }]);
    put(queue, `incoming/${ID}`, { mode: 0o600 });
    expect(read(queue, [`incoming/${ID}`])).toEqual([{ kind: 'unfinished' }]);
  });

  test('takes for unfinished only what cleanup and postdrop may still write', () => {
    const queue = makeQueueDirectory();
    const reading = (place: string, mode: number, ageSeconds: number): unknown => {
      const path = put(queue, place, { content: 'x', mode });
      const written = Date.now() / 1000 - ageSeconds;
      utimesSync(path, written, written);
      const [first] = read(queue, [place]) as { kind: string }[];
      rmSync(path);
      return first?.kind;
    };
    expect(reading(`incoming/${ID}`, 0o600, 0)).toBe('unfinished');
    expect(reading(`maildrop/${ID}`, 0o600, 0)).toBe('unfinished');
    // postdrop(1) writes with the bits that the finished file has.
    expect(reading(`maildrop/${ID}`, 0o644, 3000)).toBe('unfinished');
    expect(reading(`maildrop/${ID}`, 0o644, 4000)).toBe('read');
    expect(reading(`incoming/${ID}`, 0o600, 4000)).toBe('read');
    expect(reading(`incoming/${ID}`, 0o644, 0)).toBe('read');
    expect(reading(`hold/${ID}`, 0o600, 0)).toBe('read');
    expect(reading(`active/${ID}`, 0o644, 0)).toBe('read');
  });

  test('takes the message of a log that can not be read or looked for, and names the log', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`, { content: 'mail' });
    put(queue, `bounce/${ID}`, { content: 'lost', mode: 0o600 });
    put(queue, `defer/4/${ID}`, { content: 'later', mode: 0o600 });
    for (const [call, errno] of [
      ['lstat', 'EACCES'],
      ['open', 'ESTALE'],
      ['fstat', 'EIO'],
    ] as const) {
      const broken = brokenAt(queue, `bounce/${ID}`, { call, errno });
      const spool = { ...spoolOf(queue), fs: broken };
      const [reading] = readMessage(
        spool,
        { id: ID, paths: [`active/${ID}`] },
        {
          nowNs: 0n,
          take: (message) => ({ text: textOf(message), logs: message.logs(true).map(({ path }) => path) }),
        },
      );
      expect(reading).toEqual({
        kind: 'read',
        value: { text: 'mail', logs: [`defer/4/${ID}`] },
        logIssues: [{ queueName: 'bounce', path: `bounce/${ID}`, reason: errnoText(errno) }],
      });
    }
  });

  test('names one of two files of an ID that can not be looked at, and takes the other', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`, { content: 'mail' });
    put(queue, `hold/${ID}`, { content: 'other' });
    const spool = { ...spoolOf(queue), fs: brokenAt(queue, `hold/${ID}`, { call: 'lstat', errno: 'EIO' }) };
    const sighting = { id: ID, paths: [`active/${ID}`, `hold/${ID}`] };
    expect(readMessage(spool, sighting, { nowNs: 0n, take: textOf })).toEqual([
      { kind: 'read', value: 'mail', logIssues: [] },
      { kind: 'unreadable', queueName: 'hold', reason: 'Input/output error (EIO)' },
    ]);
  });

  test('names a file that the engine can not take, as a bug, and lets through what ends the operation', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`);
    const reading = (error: Error): unknown =>
      readMessage(
        spoolOf(queue),
        { id: ID, paths: [`active/${ID}`] },
        {
          nowNs: 0n,
          take: () => {
            throw error;
          },
        },
      );
    const tooLong = Object.assign(new Error('too long'), { code: 'ERR_STRING_TOO_LONG' });
    expect(reading(tooLong)).toMatchObject([{ kind: 'unreadable', reason: expect.stringContaining('bug') }]);
    expect(reading(new RangeError('x'))).toMatchObject([{ kind: 'unreadable' }]);
    expect(() => reading(new InterruptedError('stop'))).toThrow(InterruptedError);
    expect(() => reading(new Error('cut off'))).toThrow('cut off');
  });

  test('takes what is in corrupt whatever its mode', () => {
    const queue = makeQueueDirectory();
    put(queue, `corrupt/${ID}`, { content: 'x', mode: 0o400 });
    expect(read(queue, [`corrupt/${ID}`])).toMatchObject([{ kind: 'read', value: { text: 'x' } }]);
    rmSync(join(queue, `corrupt/${ID}`));
    put(queue, `corrupt/${ID}`, { content: 'x', mode: 0o600 });
    expect(read(queue, [`corrupt/${ID}`])).toMatchObject([{ kind: 'read', value: { text: 'x' } }]);
  });

  test('follows no link, and does not wait for a FIFO', () => {
    const queue = makeQueueDirectory();
    symlinkSync('/etc/passwd', join(queue, `hold/${ID}`));
    expect(read(queue, [`hold/${ID}`])).toEqual([
      { kind: 'unreadable', queueName: 'hold', reason: 'it is a symbolic link' },
    ]);
    rmSync(join(queue, `hold/${ID}`));
    execFileSync('mkfifo', ['-m', '700', join(queue, `hold/${ID}`)]);
    expect(read(queue, [`hold/${ID}`])).toEqual([
      { kind: 'unreadable', queueName: 'hold', reason: 'it is no regular file' },
    ]);
  });

  test('has log lines that were written after the message was read', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`);
    const log = put(queue, `bounce/${ID}`, { content: 'one,', mode: 0o600 });
    expect(read(queue, [`active/${ID}`], () => appendFileSync(log, 'two'))).toMatchObject([
      { value: { logs: [`bounce/${ID}=one,two`] } },
    ]);
  });

  test('has a log that was removed while the message was read, or the one that was made anew', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`);
    const log = put(queue, `bounce/${ID}`, { content: 'old', mode: 0o600 });
    expect(read(queue, [`active/${ID}`], () => rmSync(log))).toMatchObject([{ value: { logs: [`bounce/${ID}=old`] } }]);
    writeFileSync(log, 'old');
    const renew = (): void => {
      // The old one keeps its inode number while it is open.
      rmSync(log);
      writeFileSync(log, 'new');
    };
    expect(read(queue, [`active/${ID}`], renew)).toMatchObject([{ value: { logs: [`bounce/${ID}=new`] } }]);
  });

  test('finds the logs of what an interrupted postsuper left: it renames them first', () => {
    const queue = makeQueueDirectory();
    const path = put(queue, `hold/${ID}#FIX`);
    put(queue, `bounce/${ID}#FIX`, { content: 'a', mode: 0o600 });
    const renamed = `4D919${statSync(path, { bigint: true }).ino.toString(16).toUpperCase()}`;
    put(queue, `defer/4/${renamed}#FIX`, { content: 'b', mode: 0o600 });
    expect(read(queue, [`hold/${ID}#FIX`])).toMatchObject([
      { value: { logs: [`defer/4/${renamed}#FIX=b`, `bounce/${ID}#FIX=a`] } },
    ]);
  });

  test('finds the trace log that postsuper never gives its name back', () => {
    const queue = makeQueueDirectory();
    put(queue, `hold/${ID}`);
    put(queue, `trace/${ID}#FIX`, { content: 'sent', mode: 0o600 });
    expect(read(queue, [`hold/${ID}`])).toMatchObject([{ value: { logs: [`trace/${ID}#FIX=sent`] } }]);
  });

  test('reads different files of one ID, and one file of two names once', () => {
    const queue = makeQueueDirectory();
    put(queue, `active/${ID}`, { content: 'one' });
    put(queue, `hold/${ID}`, { content: 'two' });
    const paths = [`hold/${ID}`, `active/${ID}`];
    expect(read(queue, paths)).toMatchObject([{ value: { text: 'two' } }, { value: { text: 'one' } }]);
    rmSync(join(queue, `active/${ID}`));
    linkSync(join(queue, `hold/${ID}`), join(queue, `active/${ID}`));
    expect(read(queue, paths)).toMatchObject([{ value: { text: 'two' } }]);
  });

  test('tells of a file that can not be read beside another of its ID, and reads that one', () => {
    const queue = makeQueueDirectory();
    put(queue, `deferred/4/${ID}`, { content: 'mail' });
    symlinkSync('/etc/passwd', join(queue, `hold/${ID}`));
    const paths = [`deferred/4/${ID}`, `hold/${ID}`];
    for (const order of [paths, paths.toReversed()]) {
      expect(read(queue, order)).toMatchObject([
        { kind: 'read', value: { text: 'mail', path: `deferred/4/${ID}` } },
        { kind: 'unreadable', queueName: 'hold' },
      ]);
    }
  });

  test('tells of a log that can not be read, and takes the message', () => {
    const queue = makeQueueDirectory();
    put(queue, `hold/${ID}`, { content: 'mail' });
    symlinkSync('/etc/passwd', join(queue, `bounce/${ID}`));
    expect(read(queue, [`hold/${ID}`])).toMatchObject([
      { value: { text: 'mail', logs: [] }, logIssues: [{ queueName: 'bounce', reason: 'it is a symbolic link' }] },
    ]);
  });

  test.each(['mkdir', 'mkfifo'])('names what stands in the place of a log and is none (%s)', (command) => {
    const queue = makeQueueDirectory();
    put(queue, `hold/${ID}`, { content: 'mail' });
    execFileSync(command, [join(queue, `bounce/${ID}`)]);
    expect(read(queue, [`hold/${ID}`])).toMatchObject([
      { value: { text: 'mail', logs: [] }, logIssues: [{ queueName: 'bounce', reason: 'it is no regular file' }] },
    ]);
  });

  test('leaves no descriptor open, and the access time as it was', () => {
    const queue = makeQueueDirectory();
    const path = put(queue, `active/${ID}`, { content: 'mail' });
    put(queue, `bounce/${ID}`, { content: 'x', mode: 0o600 });
    execFileSync('touch', ['-a', '-d', '2001-01-01', path]);
    const before = statSync(path).atimeMs;
    let open = 0;
    const counting = {
      ...nodeFileSystem,
      open: (...args: Parameters<typeof nodeFileSystem.open>) => {
        const fd = nodeFileSystem.open(...args);
        open += 1;
        return fd;
      },
      close: (fd: number) => {
        nodeFileSystem.close(fd);
        open -= 1;
      },
    };
    const spool = { ...spoolOf(queue), fs: counting };
    const sighting = { id: ID, paths: [`active/${ID}`] };
    expect(readMessage(spool, sighting, { nowNs: 0n, take: (message) => message.logs(true).length })).toMatchObject([
      { value: 1 },
    ]);
    const failing = (): never => {
      throw Object.assign(new Error('read'), { code: 'EIO', errno: -5 });
    };
    expect(readMessage(spool, sighting, { nowNs: 0n, take: failing })).toEqual([
      { kind: 'unreadable', queueName: 'active', reason: 'Input/output error (EIO)' },
    ]);
    expect(open).toBe(0);
    expect(statSync(path).atimeMs).toBe(before);
  });
});
