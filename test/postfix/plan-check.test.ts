/** What `postfix check` complains of in a target, the plan of a restore tells, where mail depends on it; and nothing else. */

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../../src/plan/finding.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { plant } from '../support/postfix/planting.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import { backUp, restoreInto } from '../support/postfix/snapshot-of.ts';
import { small } from './estate-messages.ts';

const ROOT = 0;
const NOBODY = 65_534;

describeWithPostfix('the plan and postfix check', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-check-'));
  const archive = join(directory, 'queue.postsnap');
  let postfix: PostfixInstance;
  /** A message of the target's own, relative to its queue directory. */
  let own = '';
  let bytes = Buffer.alloc(0);

  beforeAll(async () => {
    const source = await createInstance();
    try {
      const queueFile = await deferred(source);
      await backUp(source, archive);
      // Another one: for the same message would be there already.
      bytes = Buffer.from(queueFile.toString('latin1').replaceAll('message@', 'another@'), 'latin1');
    } finally {
      await source.dispose();
    }
  });

  beforeEach(async () => {
    postfix = await createInstance();
    const name = plant(postfix, { queueName: 'deferred', bytes });
    own = postfix.filesOf(name)[0]?.path ?? '';
  });

  afterEach(() => postfix.dispose());

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  const at = (path: string): string => join(postfix.queueDirectory, path);
  const hashDirectory = (): string => own.split('/').slice(0, 2).join('/');

  /** What `postfix check` warns of: with maillog_file it says so there. */
  async function complaints(): Promise<string[]> {
    const before = postfix.log().length;
    const { stderr } = await postfix.check();
    const lines = `${postfix.log().slice(before)}\n${stderr}`.split('\n');
    return lines.filter((line) => /warning:|fatal:/u.test(line));
  }

  /** What is found, or why it is refused. */
  async function told(): Promise<readonly Finding[] | string> {
    try {
      return (await restoreInto(postfix, { archive, dryRun: true, quick: true })).report.findings;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  it('say nothing of a queue that is right', async () => {
    expect(await complaints()).toEqual([]);
    expect(await told()).toEqual([]);
  });

  it.each([
    ['maildrop', 'group', () => chownSync(at('maildrop'), postfix.queueOwner(), ROOT)],
    ['public', 'group', () => chownSync(at('public'), postfix.queueOwner(), ROOT)],
    ['.', 'owner', () => chownSync(at('.'), postfix.queueOwner(), ROOT)],
    ['.', 'writable', () => chmodSync(at('.'), 0o775)],
    ['.', 'writable', () => chmodSync(at('.'), 0o757)],
    ['pid', 'owner', () => chownSync(at('pid'), postfix.queueOwner(), ROOT)],
    ['pid', 'writable', () => chmodSync(at('pid'), 0o777)],
    ['private', 'owner', () => chownSync(at('private'), ROOT, ROOT)],
  ])('both tell of %s by its %s', async (path, kind, break_) => {
    break_();
    const [complaint] = await complaints();
    expect(complaint).toMatch(/not owned by|writable/u);
    expect(await told()).toMatchObject([
      { code: 'directory-rights', severity: 'warning', messages: 1, first: [{ directory: path, kind }] },
    ]);
  });

  it.each([
    ['a queue', () => 'deferred'],
    ['a hash directory', hashDirectory],
    ['hold', () => 'hold'],
    ['maildrop', () => 'maildrop'],
    ['one of logs', () => 'bounce'],
  ])('both refuse a directory that mail_owner may not enter: %s', async (_, path) => {
    chownSync(at(path()), ROOT, ROOT);
    expect((await complaints()).join()).toMatch(/fatal: scan_dir_push: open directory/u);
    expect(await told()).toMatch(new RegExp(`can't list .*/${path()}: `, 'u'));
  });

  it("both tell of a message that is not mail_owner's; Postfix then delivers nothing", async () => {
    chownSync(at(own), ROOT, ROOT);
    chmodSync(at(own), 0o744);
    expect((await complaints()).join()).toMatch(/not owned by/u);
    const [, , name] = own.split('/');
    const first = [{ queueName: 'deferred', queueId: name }];
    expect(await told()).toMatchObject([{ code: 'foreign-files', severity: 'problem', files: 1, first }]);
    await restoreInto(postfix, { archive });
    const sink = await startSink({ port: postfix.relayPort });
    try {
      await postfix.start();
      await postfix.flush();
      await postfix.waitFor(
        () => /fatal: .*(?:Permission denied|Operation not permitted)/u.test(postfix.log()),
        'qmgr',
      );
      expect(sink.deliveries).toEqual([]);
    } finally {
      await sink.close();
    }
  });

  it('a message that mail_owner may not even read is refused, by its name', async () => {
    chownSync(at(own), ROOT, ROOT);
    expect((await complaints()).join()).toMatch(/not owned by/u);
    expect(await told()).toMatch(new RegExp(`can't read .*/${own}: `, 'u'));
    // What is not ready, Postfix passes over as well.
    chmodSync(at(own), 0o600);
    expect(await told()).toEqual([]);
  });

  it('of modes that it does not look at the plan tells as well: others then can submit nothing', async () => {
    chmodSync(at('maildrop'), 0o700);
    expect(await complaints()).toEqual([]);
    expect(await told()).toMatchObject([
      { code: 'directory-rights', first: [{ directory: 'maildrop', kind: 'closed', is: 0o700, wanted: 0o730 }] },
    ]);
    const { stderr } = spawnSync('postdrop', ['-c', postfix.configDirectory], {
      uid: NOBODY,
      gid: postfix.queueGroup(),
      timeout: 3000,
    });
    // It tries again and again.
    expect(stderr.toString()).toMatch(/create file maildrop.*Permission denied/u);
  });

  it('a queue directory that mail_owner may not list is refused: no sync gets into it', async () => {
    chmodSync(at('.'), 0o711);
    expect(await complaints()).toEqual([]);
    expect(await told()).toMatch(/can't open .*: Permission denied/u);
    await expect(restoreInto(postfix, { archive })).rejects.toThrow(/can't open .*: Permission denied/u);
    expect(readdirSync(at('postsnap')).filter((name) => name.endsWith('.journal'))).toEqual([]);
  });

  it('neither minds a queue that others may look into', async () => {
    chmodSync(at('deferred'), 0o755);
    expect(await complaints()).toEqual([]);
    expect(await told()).toEqual([]);
    const sink = await startSink({ port: postfix.relayPort });
    try {
      await restoreInto(postfix, { archive });
      await postfix.start();
      await postfix.flush();
      await postfix.waitFor(() => sink.deliveries.length === 2, 'delivery');
    } finally {
      await sink.close();
    }
  });

  it('a directory that is missing is made by Postfix, and only a queue that mail is to go to is missed', async () => {
    rmSync(at('pid'), { recursive: true });
    expect(await told()).toEqual([]);
    expect(await complaints()).toEqual([]);
    expect(statSync(at('pid')).isDirectory()).toBe(true);
    rmSync(at('defer'), { recursive: true });
    expect(await told()).toMatch(/lacks the directory defer/u);
    expect(await complaints()).toEqual([]);
    expect(await told()).toEqual([]);
  });

  it('a mail_owner whose queue it is not is refused', async () => {
    const options = { archive, dryRun: true, overrides: { mail_owner: 'nobody' } };
    await expect(restoreInto(postfix, options)).rejects.toThrow(
      /is the queue of uid \d+, and not of mail_owner nobody/u,
    );
  });
});

/** Leaves a message in the deferred queue. @returns its queue file */
async function deferred(postfix: PostfixInstance): Promise<Buffer> {
  await postfix.start();
  const id = await postfix.submitSmtp(small('message'));
  await postfix.waitFor(() => postfix.queuesOf(id).join() === 'defer,deferred', 'deferral');
  await postfix.stop();
  const file = postfix.filesOf(id).find(({ queueName }) => queueName === 'deferred');
  return readFileSync(join(postfix.queueDirectory, file?.path ?? ''));
}
