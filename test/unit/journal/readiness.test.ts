import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import type { JournalEntry, JournalOwner } from '../../../src/journal/journal.ts';
import { makeReady, setExactTime } from '../../../src/journal/readiness.ts';
import { stagedTime } from '../../../src/journal/staged-file.ts';
import { type SubmissionService, submissionService } from '../../../src/journal/submission.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import { errnoError } from '../../support/disk/errno-error.ts';
import { makeQueueDirectory, put } from '../../support/queue/queue-directory.ts';

const SELF = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const SUBMITTER = { uid: 100_000, gid: 100_000 };
const QUEUE_ID = '123450000A';

/** Makes a linked file ready; returns how often root was asked for. */
function ready(
  queue: MessageQueueName,
  owner: JournalOwner | undefined,
  { isProven = true, mailOwner = SELF.uid, mode = 0o600, refuses = '' } = {},
): { roots: number; mode: number; given: number; error?: string } {
  const queueDirectory = makeQueueDirectory();
  const place = queue === 'deferred' ? `deferred/1/${QUEUE_ID}` : `${queue}/${QUEUE_ID}`;
  const path = put(queueDirectory, place, { content: 'mail', mode });
  let [roots, given] = [0, 0];
  const fchown = (): void => {
    if (refuses !== '') {
      throw errnoError(refuses, 'fchown');
    }
    given += 1;
  };
  const service = submissionService({ fs: { ...nodeFileSystem, fchown }, queueDirectory, mailOwner });
  const give: SubmissionService['give'] = (request) => {
    roots += 1;
    return service.give(request);
  };
  const target = {
    fs: nodeFileSystem,
    queueDirectory,
    layout: DEFAULT_LAYOUT,
    enableLongQueueIds: false,
    submitters: { service: { ...service, give }, isProven: () => isProven },
  };
  const entry: JournalEntry = {
    queueName: queue,
    queueId: QUEUE_ID,
    fingerprint: '',
    newQueueName: queue,
    newQueueId: QUEUE_ID,
    from: 'postsnap/x.staged/0/0.message',
    sha256: '0'.repeat(64),
    inode: statSync(path, { bigint: true }).ino,
    size: 4,
    mode: 0o744,
    ...(owner === undefined ? {} : { owner }),
    logs: [],
  };
  const modeNow = (): number => statSync(path).mode & 0o777;
  try {
    makeReady(target, entry, 'whole');
  } catch (error) {
    return { roots, given, mode: modeNow(), error: String(error) };
  }
  return { roots, given, mode: modeNow() };
}

const UNTOUCHED_BY_ROOT = { roots: 0, given: 0, mode: 0o744 };

describe('a message that becomes its submitter’s', () => {
  it('takes root, once, in maildrop', () => {
    expect(ready('maildrop', SUBMITTER)).toEqual({ roots: 1, given: 1, mode: 0o744 });
  });

  it('stays mail_owner’s when nothing but the journal says whose it was', () => {
    expect(ready('maildrop', SUBMITTER, { isProven: false })).toEqual(UNTOUCHED_BY_ROOT);
  });

  it.each(['EPERM', 'EINVAL'])('stays mail_owner’s, and is ready, where root is told %s', (refuses) => {
    expect(ready('maildrop', SUBMITTER, { refuses })).toEqual({ roots: 1, given: 0, mode: 0o744 });
  });

  it('is not given away when it is not mail_owner’s', () => {
    const outcome = ready('maildrop', SUBMITTER, { mailOwner: SELF.uid + 1 });
    expect(outcome).toMatchObject({ given: 0, mode: 0o600, error: expect.stringContaining("not mail_owner's") });
  });

  it('becomes his also when a power loss undid no more than that', () => {
    expect(ready('maildrop', SUBMITTER, { mode: 0o744 }).given).toBe(1);
    expect(ready('maildrop', SUBMITTER, { mode: 0o744, isProven: false }).given).toBe(0);
    expect(ready('maildrop', SUBMITTER, { mode: 0o744, mailOwner: SELF.uid + 1 }).given).toBe(0);
  });

  it('is made ready when it is its submitter’s already', () => {
    const outcome = ready('maildrop', SELF, { mailOwner: SELF.uid + 1 });
    expect(outcome).toEqual(SELF.uid === 0 ? UNTOUCHED_BY_ROOT : { roots: 1, given: 1, mode: 0o744 });
  });

  it.each(['incoming', 'deferred', 'hold', 'active', 'corrupt', 'saved'] as const)(
    'stays mail_owner’s in %s, whatever a journal says: root does not go there',
    (queue) => {
      expect(ready(queue, SUBMITTER)).toEqual({ ...UNTOUCHED_BY_ROOT, mode: 0o700 });
    },
  );

  it('never becomes root’s', () => {
    expect(ready('maildrop', { uid: 0, gid: SELF.gid })).toEqual(UNTOUCHED_BY_ROOT);
  });

  it('does not take root without a submitter', () => {
    expect(ready('maildrop', undefined)).toEqual(UNTOUCHED_BY_ROOT);
  });
});

describe('the exact time', () => {
  const NOW_NS = 1_700_000_000_123_456_000n;
  const DAY_NS = 86_400_000_000_000n;

  /** The time of a file that was staged, as it is set in the end; `offsetNs` is what happened to it since. */
  function timeAfter(offsetNs: bigint): bigint {
    const queueDirectory = makeQueueDirectory();
    const path = put(queueDirectory, `hold/${QUEUE_ID}`, { content: 'mail', mode: 0o700 });
    const mtimeNs = NOW_NS - DAY_NS * 30n;
    let timeNs = stagedTime(mtimeNs, NOW_NS) + offsetNs;
    const fs: FileSystem = {
      ...nodeFileSystem,
      fstat: (fd) => ({ ...nodeFileSystem.fstat(fd), mtimeNs: timeNs }),
      futimes: (_, __, time) => {
        timeNs = time;
      },
    };
    const target = { fs, queueDirectory, layout: DEFAULT_LAYOUT, enableLongQueueIds: false };
    const entry: JournalEntry = {
      queueName: 'hold',
      queueId: QUEUE_ID,
      fingerprint: '',
      newQueueName: 'hold',
      newQueueId: QUEUE_ID,
      from: 'postsnap/x.staged/0/0.message',
      sha256: '0'.repeat(64),
      inode: statSync(path, { bigint: true }).ino,
      size: 4,
      mode: 0o700,
      times: { stagedNs: stagedTime(mtimeNs, NOW_NS), mtimeNs },
      logs: [],
    };
    setExactTime(target, entry);
    return timeNs - mtimeNs;
  }

  it('is set where the file has its staged time, with whatever Node leaves below a microsecond', () => {
    expect(timeAfter(0n)).toBe(0n);
    expect(timeAfter(549n)).toBe(0n);
  });

  it('is not set where qmgr or postsuper has set another, later or earlier', () => {
    expect(timeAfter(1000n)).not.toBe(0n);
    expect(timeAfter(-1000n)).not.toBe(0n);
  });
});
