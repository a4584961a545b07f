import { execFileSync } from 'node:child_process';
import { appendFileSync, linkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { type OpenMessage, readMessage } from '../../../src/spool/read-message.ts';
import { makeQueueDirectory, put, sourceOf } from '../../support/queue/queue-directory.ts';

const ID = '4D9195D7C3';

function textOf(file: Pick<OpenMessage, 'read' | 'status'>): string {
  return Buffer.from(file.read(0, file.status.size)).toString();
}

function read(queue: string, places: readonly string[], between: () => void = () => {}): unknown[] {
  return readMessage(
    sourceOf(queue),
    { id: ID, places },
    {
      take: (message) => {
        const text = textOf(message);
        between();
        const logs = message.logs(true).map((log) => `${log.place}=${textOf(log)}`);
        return { text, place: message.place, logs };
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
        value: { text: 'mail', place: `active/${ID}`, logs: [`defer/4/${ID}=later`, `bounce/${ID}=never`] },
        logIssues: [],
      },
    ]);
  });

  test('finds one that has moved, in all queues and hash depths', () => {
    const queue = makeQueueDirectory();
    put(queue, `deferred/4/${ID}`, { content: 'mail' });
    expect(read(queue, [`active/${ID}`])).toMatchObject([{ kind: 'read', value: { place: `deferred/4/${ID}` } }]);
    renameSync(join(queue, `deferred/4/${ID}`), join(queue, `deferred/${ID}`));
    expect(read(queue, [`active/${ID}`])).toMatchObject([{ kind: 'read', value: { place: `deferred/${ID}` } }]);
  });

  test('tells of one that is gone, and of one that is still being written', () => {
    const queue = makeQueueDirectory();
    expect(read(queue, [`active/${ID}`])).toEqual([{ kind: 'vanished' }]);
    put(queue, `incoming/${ID}`, { mode: 0o600 });
    expect(read(queue, [`incoming/${ID}`])).toEqual([{ kind: 'unfinished' }]);
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
    const places = [`hold/${ID}`, `active/${ID}`];
    expect(read(queue, places)).toMatchObject([{ value: { text: 'two' } }, { value: { text: 'one' } }]);
    rmSync(join(queue, `active/${ID}`));
    linkSync(join(queue, `hold/${ID}`), join(queue, `active/${ID}`));
    expect(read(queue, places)).toMatchObject([{ value: { text: 'two' } }]);
  });

  test('tells of a file that can not be read beside another of its ID, and reads that one', () => {
    const queue = makeQueueDirectory();
    put(queue, `deferred/4/${ID}`, { content: 'mail' });
    symlinkSync('/etc/passwd', join(queue, `hold/${ID}`));
    const places = [`deferred/4/${ID}`, `hold/${ID}`];
    for (const order of [places, places.toReversed()]) {
      expect(read(queue, order)).toMatchObject([
        { kind: 'read', value: { text: 'mail', place: `deferred/4/${ID}` } },
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
    const source = { ...sourceOf(queue), fs: counting };
    const sighting = { id: ID, places: [`active/${ID}`] };
    expect(readMessage(source, sighting, { take: (message) => message.logs(true).length })).toMatchObject([
      { value: 1 },
    ]);
    const failing = (): never => {
      throw Object.assign(new Error('read'), { code: 'EIO', errno: -5 });
    };
    expect(readMessage(source, sighting, { take: failing })).toEqual([
      { kind: 'unreadable', queueName: 'active', reason: 'EIO' },
    ]);
    expect(open).toBe(0);
    expect(statSync(path).atimeMs).toBe(before);
  });
});
