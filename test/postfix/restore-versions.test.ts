import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { backup, type Finding, type FindingCode, type RestoreRoute } from '../../src/index.ts';
import { SystemAccounts } from '../../src/postfix/accounts.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import type { SmtpSink } from '../support/postfix/sink.ts';
import { listed, restoreInto } from '../support/postfix/snapshot-of.ts';
import { deliverAll } from '../support/postfix/target.ts';
import { treeOf } from '../support/postfix/tree-of.ts';
import { isPostfixBefore } from '../support/postfix/version.ts';
import { makeEmptyQueue } from '../support/queue/sample-queue.ts';
import { expectListed } from './roundtrip.ts';
import { type VersionQueue, versionQueues } from './version-queue.ts';

const NOBODY = 65_534;
// As long as can be (qmgr.c), so that what a busy machine delays is not returned; when the fixtures are older, the first try
// delivers them all the same.
const LIFETIME = { maximal_queue_lifetime: '100d', bounce_queue_lifetime: '100d' };

interface Taken extends VersionQueue {
  readonly archive: string;
}

describeWithPostfix('the queue files of every release', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-releases-'));
  // mail_owner reads the queues.
  chmodSync(directory, 0o755);
  const taken: Taken[] = [];
  let postfix: PostfixInstance;

  beforeAll(async () => {
    const owner = new SystemAccounts().user('postfix').uid;
    for (const queue of versionQueues()) {
      taken.push(await take(queue, owner));
    }
  });
  afterEach(() => postfix.dispose());
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function take(queue: VersionQueue, owner: number): Promise<Taken> {
    const queueDirectory = join(directory, queue.release);
    makeEmptyQueue(queueDirectory);
    chmodSync(queueDirectory, 0o755);
    queue.layOut(queueDirectory, { owner, submitter: NOBODY });
    const archive = join(directory, `${queue.release}.tar.zst`);
    const report = await backup({ archive, queueDirectory, workers: 0 });
    expect(report).toMatchObject({ unreadable: [], malformed: 0, messages: queue.messages.length });
    return { ...queue, archive };
  }

  it.each(['queues', 'maildrop', 'hold'] as const)('are restored into %s, shown and delivered', async (into) => {
    postfix = await createInstance({ parameters: LIFETIME });
    for (const queue of taken) {
      await restoreAll(postfix, queue, into);
    }
    const tree = treeOf(postfix);
    expect(await postfix.postsuper('-s')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(treeOf(postfix)).toEqual(tree);
    if (into === 'hold') {
      await postfix.postsuper('-H', 'ALL');
    }
    await deliverAll(postfix, async (sink) => {
      expect(deliveriesIn(sink)).toEqual(taken.flatMap((queue) => deliveriesOf(queue, into)).sort());
      // Its log is of one recipient more, who was refused.
      expect(noticesIn(sink, 'refused-partly@example.com')).toBe(taken.length);
    });
    // Nothing that Postfix deletes, puts aside or can't read.
    expect(postfix.log()).not.toMatch(/ (?:fatal|panic|error): |bad record|corrupt|Unexpected record|malformed/u);
  });
});

async function restoreAll(
  postfix: PostfixInstance,
  { release, archive, messages }: Taken,
  into: RestoreRoute,
): Promise<void> {
  const before = postfix.queueFiles();
  const findings: Finding[] = [];
  const restored = await restoreInto(postfix, { archive, into, onPlan: (told) => findings.push(...told.findings) });
  const leftOff = messages.filter(({ place }) => into === 'hold' && place === 'maildrop').length;
  expect(restored.report).toMatchObject({ restored: messages.length - leftOff, not_selected: leftOff });
  const forgotten = findings.filter(({ code }) => FORGOTTEN.has(code));
  expect(
    forgotten.map(({ code }) => code),
    `of ${release}`,
  ).toEqual(forgottenOf(release, into));
  await expectListed({ target: postfix, before, restored }, await listed(archive));
}

const FORGOTTEN: ReadonlySet<FindingCode> = new Set([
  'requiretls-unknown',
  'tls-required-no-unknown',
  'smtputf8-forgotten',
]);

/** What the installed release does not know of the messages of another. */
function forgottenOf(release: string, into: RestoreRoute): FindingCode[] {
  const codes: FindingCode[] = [];
  if (release === '3.11' && isPostfixBefore(3, 11)) {
    codes.push('requiretls-unknown');
  }
  if (['3.10', '3.11'].includes(release) && isPostfixBefore(3, 10)) {
    codes.push('tls-required-no-unknown');
  }
  if (into !== 'hold' && isPostfixBefore(3, 10)) {
    codes.push('smtputf8-forgotten');
  }
  return codes;
}

/** What is to come of a queue: each message once to each recipient that has not got it, if it is not held. */
function deliveriesOf({ messages }: VersionQueue, into: RestoreRoute): string[] {
  return messages
    .filter(({ place }) => place !== (into === 'hold' ? 'maildrop' : 'hold'))
    .flatMap(({ id, toDo }) => toDo.map((recipient) => `${id} ${recipient}`));
}

function deliveriesIn(sink: SmtpSink): string[] {
  return sink.deliveries
    .filter(({ sender }) => sender !== '')
    .map(({ id, recipient }) => `${id} ${recipient}`)
    .sort();
}

/** Notices have the null sender. */
function noticesIn(sink: SmtpSink, to: string): number {
  return sink.deliveries.filter(({ sender, recipient }) => sender === '' && recipient === to).length;
}
