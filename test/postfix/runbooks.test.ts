/** The runbooks, their commands as they stand there, on queues of a real Postfix: each recipient gets each message once. */

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createInstance, type InstanceOptions, type PostfixInstance } from '../support/postfix/instance.ts';
import type { QueueFile } from '../support/postfix/queue-files.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { countsOf, fillSmallQueue, submitDeferred } from '../support/postfix/small-queue.ts';
import { backUp } from '../support/postfix/snapshot-of.ts';
import { emptied } from '../support/postfix/target.ts';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { commandsOf } from '../support/readme-chapter.ts';

vi.setConfig({ testTimeout: 120_000 });

const RUNBOOKS = 'docs/runbooks.md';
const OURS = ['deferred-a', 'deferred-b', 'requeued', 'submitted'];

describeWithPostfix('a runbook', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-runbooks-'));
  let instances: PostfixInstance[] = [];
  let home: string;
  let other: string;

  beforeEach(() => {
    [home, other] = [mkdtempSync(join(directory, 'root-')), mkdtempSync(join(directory, 'other-root-'))];
  });
  afterEach(async () => {
    await Promise.all(instances.splice(0).map((instance) => instance.dispose()));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function instanceWith(options: InstanceOptions = {}): Promise<PostfixInstance> {
    const instance = await createInstance(options);
    instances = [...instances, instance];
    return instance;
  }

  /** Runs a block of commands on the machine that an instance stands for; only names of paths are others. */
  function run(block: string, { on, root, expected = 0 }: Where): string {
    const script = `
      postsnap() { '${process.execPath}' '${COMMAND}' "$@"; }
      scp() { cp "$1" "\${2#new:}"; }
      ${block.replaceAll('new:/root/', `new:${other}/`).replaceAll(/(?<=\s)\/root\//gu, `${root}/`)}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, MAIL_CONFIG: on.configDirectory, TZ: 'UTC' },
    });
    if (/^postfix start$/mu.test(block)) {
      on.adopt();
    }
    expect({ status, stderr: status === expected ? '' : stderr }, block).toEqual({ status: expected, stderr: '' });
    return stdout;
  }

  /** What is delivered: until nothing but held mail is left, and then that, too. */
  async function deliveredBy(instance: PostfixInstance): Promise<{ readonly first: Counts; readonly all: Counts }> {
    const sink: SmtpSink = await startSink({ port: instance.relayPort });
    try {
      await emptied(instance);
      const first = sink.counts();
      await instance.postsuper('-H', 'ALL');
      await instance.waitFor(() => instance.queueFiles().every(({ queueName }) => queueName !== 'hold'), 'release');
      await emptied(instance);
      return { first, all: sink.counts() };
    } finally {
      await instance.stop();
      await sink.close();
    }
  }

  /** With mail in every state, and running; nothing takes its submissions, so that they are in maildrop. */
  async function filledInstance(): Promise<PostfixInstance> {
    const instance = await instanceWith({ without: ['pickup'], parameters: { enable_long_queue_ids: 'no' } });
    await fillSmallQueue(instance);
    await instance.start();
    return instance;
  }

  it('brings the queue of a server to a new one, of another configuration', async () => {
    const [onOld = '', onNew = '', ...more] = commandsOf('Migration', RUNBOOKS);
    expect(more).toEqual([]);
    const old = await filledInstance();
    const target = await instanceWith({ parameters: { enable_long_queue_ids: 'yes', hash_queue_depth: '2' } });
    await target.start();

    run(onOld, { on: old, root: home });
    expect(old.isRunning).toBe(false);
    run(onNew, { on: target, root: other });
    const { first, all } = await deliveredBy(target);
    expect(first).toEqual(countsOf(OURS, 1));
    expect(all).toEqual(countsOf([...OURS, 'held'], 1));
  });

  it('merges a queue into that of a Postfix that runs, which has some of its mail, and one of its names', async () => {
    const [block = '', ...more] = commandsOf('Merge two queues', RUNBOOKS);
    expect(more).toEqual([]);
    const given = await filledInstance();
    const target = await instanceWith({ parameters: { enable_long_queue_ids: 'no' } });
    await target.start();
    const queueIds = await submitDeferred(target, ['own', 'own-held']);
    await target.stop();
    const [shared, clashing] = given.queueFiles().filter(({ queueName }) => queueName === 'deferred');
    await bringBefore(given, target, shared);
    await target.postsuper('-h', queueIds[1] ?? '');
    await target.start();
    // Not before: `postfix start` has postsuper name files after their inodes.
    giveName(target, queueIds[1] ?? '', clashing?.name ?? '');
    const before = target.queueFiles();

    const said = run(block.replaceAll('/etc/postfix-a', given.configDirectory), { on: target, root: home });
    expect(given.isRunning).toBe(false);
    expect(said.replaceAll(/\s+/gu, ' ')).toContain('1 message left out: it stands in the target queue already');
    expect(target.queueFiles()).toEqual(expect.arrayContaining(before));
    expect(target.queueFiles().filter(({ queueName }) => queueName === 'hold')).toHaveLength(2);
    const [, , , restore = ''] = block.split('\n');
    expect(run(restore.replace('a.map', 'again.map'), { on: target, root: home })).toMatch(/^Restored 0 messages/mu);
    const { first, all } = await deliveredBy(target);
    expect(first).toEqual(countsOf([...OURS, 'own'], 1));
    expect(all).toEqual(countsOf([...OURS, 'own', 'held', 'own-held'], 1));
  });

  /** Has the target hold a message of the other queue, and not know where from. */
  async function bringBefore(from: PostfixInstance, target: PostfixInstance, file: QueueFile | undefined) {
    const archive = join(home, 'before.tar.zst');
    await backUp(from, archive);
    const { status } = postsnap(['restore', '-c', target.configDirectory, '--id', file?.name ?? '', archive]);
    expect(status).toBe(0);
    rmSync(join(target.queueDirectory, 'postsnap'), { recursive: true });
  }

  /** Gives a held message, with its log, the name of another. */
  function giveName(postfix: PostfixInstance, from: string, to: string): void {
    for (const { path } of postfix.filesOf(from)) {
      const renamed = path.replaceAll(/(?<=\/defer\/)(?:\w\/)+/gu, `${to.slice(0, 1)}/`).replace(from, to);
      mkdirSync(join(renamed, '..'), { recursive: true });
      chmodSync(join(renamed, '..'), 0o700);
      renameSync(join(postfix.queueDirectory, path), join(postfix.queueDirectory, renamed));
    }
  }

  it('has delivered what Postfix would return after chmod -R', async () => {
    const instance = await filledInstance();
    for (const name of readdirSync(join(instance.queueDirectory, 'deferred'), { recursive: true })) {
      chmodSync(join(instance.queueDirectory, 'deferred', String(name)), 0o777);
    }
    instance.setService('pickup', true);
    await expectMended(instance);
  });

  it('has delivered what a copy of the queue has stuck', async () => {
    const instance = await filledInstance();
    const { queueDirectory } = instance;
    await instance.stop();
    renameSync(queueDirectory, `${queueDirectory}.old`);
    cpSync(`${queueDirectory}.old`, queueDirectory, {
      recursive: true,
      preserveTimestamps: true,
      // Sockets: Postfix makes them anew.
      filter: (path) => statSync(path).isDirectory() || statSync(path).isFile(),
    });
    rmSync(`${queueDirectory}.old`, { recursive: true });
    instance.setService('pickup', true);
    // All of it is root's now; so Postfix does not start, and is not to be stopped.
    await expectMended(instance, (block) => block.replace('postfix stop', ''));
  });

  async function expectMended(instance: PostfixInstance, edit = (block: string) => block): Promise<void> {
    const [look = '', mend = '', ...more] = commandsOf('Somebody ran chmod -R', RUNBOOKS);
    expect(more).toEqual([]);
    run(edit(look), { on: instance, root: home, expected: 1 });
    run(mend, { on: instance, root: home });
    const { first, all } = await deliveredBy(instance);
    expect(first).toEqual(countsOf(OURS, 1));
    expect(all).toEqual(countsOf([...OURS, 'held'], 1));
  }
});

type Counts = ReturnType<SmtpSink['counts']>;

interface Where {
  readonly on: PostfixInstance;
  /** In place of /root. */
  readonly root: string;
  /** The exit status. */
  readonly expected?: number;
}
