import { linkSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import {
  giveSubmission,
  type SubmissionRequest,
  setSubmissionTime,
  submissionService,
} from '../../../src/journal/submission.ts';
import { errnoError } from '../../support/disk/errno-error.ts';
import { makeQueueDirectory, put } from '../../support/queue/queue-directory.ts';

const SELF = process.getuid?.() ?? 0;
const SUBMITTER = { uid: 100_000, gid: 100_000 };
const QUEUE_ID = '123450000A';

interface World {
  readonly path: string;
  readonly request: SubmissionRequest;
  readonly ground: { fs: FileSystem; queueDirectory: string; mailOwner: number };
  readonly given: { uid: number; gid: number }[];
}

/** A maildrop with one file that a restore has linked; giving away is only noted, so that the tests need no root. */
function world({ mode = 0o600, mailOwner = SELF, refuses = '' } = {}): World {
  const queueDirectory = makeQueueDirectory();
  const path = put(queueDirectory, `maildrop/${QUEUE_ID}`, { content: 'mail', mode });
  const given: { uid: number; gid: number }[] = [];
  const fchown = (_: number, uid: number, gid: number): void => {
    if (refuses !== '') {
      throw errnoError(refuses, 'fchown');
    }
    given.push({ uid, gid });
  };
  const status = nodeFileSystem.lstat(path);
  const request = { queueId: QUEUE_ID, inode: status?.inode ?? 0n, size: 4, owner: SUBMITTER, mode: 0o744 };
  return { path, request, given, ground: { fs: { ...nodeFileSystem, fchown }, queueDirectory, mailOwner } };
}

describe('giveSubmission', () => {
  it('gives a file of mail_owner’s to its submitter, and makes it ready', () => {
    const { ground, request, path, given } = world();
    expect(giveSubmission(ground, request)).toEqual({ kind: 'given' });
    expect(given).toEqual([SUBMITTER]);
    expect(statSync(path).mode & 0o7777).toBe(0o744);
  });

  it('gives what is ready already, and mail_owner’s still', () => {
    const { ground, request, given } = world({ mode: 0o744 });
    expect(giveSubmission(ground, request)).toEqual({ kind: 'given' });
    expect(given).toEqual([SUBMITTER]);
  });

  it('says that it was done before', () => {
    const { ground, request, given } = world({ mode: 0o744 });
    expect(giveSubmission(ground, { ...request, owner: { uid: SELF, gid: 1 } })).toEqual(
      SELF === 0 ? { kind: 'foreign' } : { kind: 'before' },
    );
    expect(given).toEqual([]);
  });

  it.each([
    ['another inode', { inode: 1n }, 'gone'],
    ['another size', { size: 5 }, 'gone'],
    ['another name', { queueId: '999990000A' }, 'gone'],
    ['a name that is no queue ID', { queueId: '../hold/123450000A' }, 'foreign'],
    ['root for its submitter', { owner: { uid: 0, gid: 0 } }, 'foreign'],
    ['a number below root’s', { owner: { uid: -1, gid: 0 } }, 'foreign'],
    ['a mode that is not that of a submission', { mode: 0o700 }, 'foreign'],
    ['a mode with more than that', { mode: 0o6777 }, 'foreign'],
  ] as const)('does nothing for %s', (_, change, kind) => {
    const { ground, request, path, given } = world();
    expect(giveSubmission(ground, { ...request, ...change })).toEqual({ kind });
    expect(given).toEqual([]);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
  });

  it('does nothing to a file of somebody else’s', () => {
    const { ground, request, given } = world({ mailOwner: SELF + 1 });
    expect(giveSubmission(ground, request)).toEqual({ kind: 'foreign' });
    expect(given).toEqual([]);
  });

  it('does nothing to a file with a second name', () => {
    const { ground, request, path, given } = world();
    linkSync(path, `${path}.second`);
    expect(giveSubmission(ground, request)).toEqual({ kind: 'linked' });
    expect(given).toEqual([]);
  });

  it('follows no link', () => {
    const { ground, request, path, given } = world();
    symlinkSync(path, join(ground.queueDirectory, 'maildrop', '543210000A'));
    expect(giveSubmission(ground, { ...request, queueId: '543210000A' })).toEqual({ kind: 'gone' });
    expect(given).toEqual([]);
  });

  it.each(['EPERM', 'EINVAL'])('leaves it unready where the system says %s', (refuses) => {
    const { ground, request, path } = world({ refuses });
    expect(giveSubmission(ground, request)).toEqual({ kind: 'refused', errno: refuses });
    expect(statSync(path).mode & 0o7777).toBe(0o600);
  });
});

describe('setSubmissionTime', () => {
  it.each([
    ['sets it where nobody has touched the file', { later: 0n, isHis: true, outcome: 'set' }],
    ['leaves a file that has another time', { later: 1000n, isHis: true, outcome: 'left' }],
    ['leaves a file of somebody else', { later: 0n, isHis: false, outcome: 'left' }],
  ] as const)('%s', (_, { later, isHis, outcome }) => {
    const { ground, request, path } = world({ mode: 0o744 });
    const stagedNs = (nodeFileSystem.lstat(path)?.mtimeNs ?? 0n) + later;
    const fstat = (fd: number) => ({ ...nodeFileSystem.fstat(fd), uid: isHis ? SUBMITTER.uid : SELF });
    const at = { ...request, stagedNs, mtimeNs: 1_000_000_000n };
    expect(setSubmissionTime({ ...ground, fs: { ...ground.fs, fstat } }, at)).toBe(outcome);
    // To the microsecond: newer releases of Node.js keep the nanoseconds of the number of seconds that they are given.
    expect(Math.floor(statSync(path).mtimeMs * 1000) === 1_000_000).toBe(outcome === 'set');
  });
});

describe('the trial of giving a file away', () => {
  function trial(name: string, { refuses = '', mailOwner = SELF, owner = SUBMITTER } = {}) {
    const { ground, given } = world({ refuses, mailOwner });
    const directory = join(ground.queueDirectory, 'postsnap');
    mkdirSync(directory, { recursive: true });
    put(directory, 'try-1.tmp', { mode: 0o600 });
    return { errno: submissionService(ground).tryToGive(name, owner), given };
  }

  it('gives a file away and takes it back', () => {
    const { errno, given } = trial('try-1.tmp');
    expect(errno).toBeUndefined();
    expect(given.map(({ uid }) => uid)).toEqual([SUBMITTER.uid, SELF]);
  });

  it('tells what the system does not allow', () => {
    expect(trial('try-1.tmp', { refuses: 'EPERM' }).errno).toBe('EPERM');
  });

  it.each([
    ['another name', 'x.journal', {}],
    ['a path', 'try-1.tmp/../x', {}],
    ['a file of somebody else', 'try-1.tmp', { mailOwner: SELF + 1 }],
    ['root', 'try-1.tmp', { owner: { uid: 0, gid: 0 } }],
  ])('refuses %s', (_, name, settings) => {
    const { errno, given } = trial(name, settings);
    expect(errno).toBe('EINVAL');
    expect(given).toEqual([]);
  });
});
