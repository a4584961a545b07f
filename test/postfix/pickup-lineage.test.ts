import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { backup } from '../../src/index.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { type Milter, startMilter } from '../support/postfix/milter.ts';
import { plant } from '../support/postfix/planting.ts';
import { freePort } from '../support/postfix/ports.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { restoreInto } from '../support/postfix/snapshot-of.ts';
import { maildropFile } from '../support/queue/queue-file-builder.ts';
import { patternTable } from './pattern-table.ts';

const NOBODY = 65_534;
const SUBMITTED_AT = Math.floor(Date.now() / 1000) - 60;
const LONG_LINE = 'long '.repeat(1000);
const TEXT = [
  'Subject: once',
  'To: bob@d.example',
  'X-Folded: one',
  ' two',
  '',
  'hello',
  '.',
  'From bob',
  LONG_LINE,
  'gr\u00fc\u00dfe',
  '',
].join('\n');

/** What cleanup(8) makes of a submission on its way out of maildrop. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nothing more': {},
  always_bcc: { always_bcc: 'archive@d.example' },
  sender_bcc_maps: { sender_bcc_maps: 'inline:{a@src.example=archive@d.example}' },
  recipient_bcc_maps: { recipient_bcc_maps: 'inline:{b@d.example=archive@d.example}' },
  'a BCC action': { header_checks: patternTable('bcc-once') },
  'a REDIRECT action': { header_checks: patternTable('redirect-once') },
  'virtual aliases': { virtual_alias_maps: 'inline:{ {b@d.example=c@d.example, d@d.example} }' },
  canonical_maps: { canonical_maps: 'inline:{ {b@d.example=c@d.example}, {a@src.example=z@src.example} }' },
  recipient_canonical_maps: { recipient_canonical_maps: 'inline:{b@d.example=c@d.example}' },
  sender_canonical_maps: { sender_canonical_maps: 'inline:{a@src.example=z@src.example}' },
  masquerade_domains: { masquerade_domains: 'example' },
  'no original recipients': { enable_original_recipient: 'no', always_bcc: 'archive@d.example' },
  'a HOLD action and a BCC': {
    header_checks: patternTable('hold-once'),
    always_bcc: 'archive@d.example',
  },
};

/** A submission as sendmail(1) and postdrop(1) leave it. */
function submission({ sender = 'a', subject = 'x', token = '1', body = 'hello' }): Buffer {
  return maildropFile({
    envelope: [
      ['T', `${SUBMITTED_AT} 123456`],
      ['A', 'rewrite_context=local'],
      ['S', sender],
      ['R', 'b@d.example'],
    ],
    content: [
      ['N', `Subject: ${subject}`],
      ['N', `X-Token: ${token}`],
      ['N', ''],
      ['N', body],
    ],
  });
}

describeWithPostfix('a submission that pickup has taken since', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-lineage-'));
  const instances: PostfixInstance[] = [];
  const milters: Milter[] = [];
  let archives = 0;

  afterEach(async () => {
    await Promise.all(instances.splice(0).map((postfix) => postfix.dispose()));
    await Promise.all(milters.splice(0).map((milter) => milter.close()));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  async function instance(parameters: Readonly<Record<string, string>>): Promise<PostfixInstance> {
    const postfix = await createInstance({ parameters });
    instances.push(postfix);
    return postfix;
  }

  async function submit(postfix: PostfixInstance, text = TEXT): Promise<void> {
    const user = { uid: NOBODY, gid: postfix.queueGroup() };
    await postfix.submitSendmail(['-i', '-f', 'a@src.example', 'b@d.example'], text, user);
  }

  async function archiveOf(postfix: PostfixInstance): Promise<string> {
    archives += 1;
    const archive = join(directory, `${archives}.postsnap`);
    await backup({ archive, configDirectory: postfix.configDirectory, workers: 0 });
    return archive;
  }

  const places = (postfix: PostfixInstance): string[] =>
    postfix
      .queueFiles()
      .map(({ queueName }) => queueName)
      .filter((name) => name !== 'defer');

  /** Lets pickup(8) take what is in maildrop, and the mail be deferred. */
  async function pickUp(postfix: PostfixInstance): Promise<void> {
    await postfix.start();
    await postfix.waitFor(() => places(postfix).every((name) => name === 'deferred' || name === 'hold'), 'pickup');
    await postfix.stop();
  }

  it.each(Object.keys(SETTINGS))('is not restored again, after %s', async (what) => {
    const postfix = await instance(SETTINGS[what] ?? {});
    await submit(postfix);
    const monday = await archiveOf(postfix);
    await pickUp(postfix);
    for (const includeLeft of [false, true]) {
      const { report } = await restoreInto(postfix, { archive: monday, includeLeft });
      expect(report).toMatchObject({ restored: 0, already_present: 1 });
    }
    // The other way round: what was picked up when it was archived stands in maildrop.
    const tuesday = await archiveOf(postfix);
    const target = await instance(SETTINGS[what] ?? {});
    await restoreInto(target, { archive: monday });
    const { report } = await restoreInto(target, { archive: tuesday });
    expect(report).toMatchObject({ restored: 0, already_present: 1 });
    expect(places(target)).toEqual(['maildrop']);
    // And by the receipt alone, once it has gone.
    await target.postsuper('-d', 'ALL');
    const later = await restoreInto(target, { archive: tuesday });
    expect(later.report).toMatchObject({ restored: 0, already_restored: 1 });
  });

  it('is not restored again, after a Milter has added headers', async () => {
    const port = await freePort();
    const milter = await startMilter(port);
    milters.push(milter);
    milter.edits = [{ kind: 'add-header', name: 'X-Signed', value: 'yes' }];
    const postfix = await instance({ non_smtpd_milters: `inet:127.0.0.1:${port}`, milter_default_action: 'tempfail' });
    await submit(postfix);
    const archive = await archiveOf(postfix);
    await pickUp(postfix);
    const { report } = await restoreInto(postfix, { archive });
    expect(report).toMatchObject({ restored: 0, already_present: 1 });
  });

  it('is not restored again, after it was requeued and picked up once more', async () => {
    const postfix = await instance({});
    await submit(postfix);
    const archive = await archiveOf(postfix);
    await pickUp(postfix);
    await postfix.postsuper('-r', 'ALL');
    await pickUp(postfix);
    const { report } = await restoreInto(postfix, { archive });
    expect(report).toMatchObject({ restored: 0, already_present: 1 });
  });

  it.each([
    ['another text', { body: 'other' }],
    ['another length', { body: 'hello hello' }],
    ['another header', { token: '2' }],
    ['another subject', { subject: 'y' }],
    ['another sender', { sender: 'b' }],
  ])('is not taken for another of the same microsecond with %s', async (_, changes) => {
    const source = await instance({});
    const put = (postfix: PostfixInstance, bytes: Buffer): string =>
      plant(postfix, { queueName: 'maildrop', bytes, mode: 0o744, uid: NOBODY });
    put(source, submission({}));
    put(source, submission(changes));
    const both = await archiveOf(source);
    const target = await instance({});
    put(target, submission({}));
    const beside = await restoreInto(target, { archive: both });
    expect(beside.report).toMatchObject({ restored: 1, already_present: 1 });

    const pickedUp = await instance({});
    put(pickedUp, submission(changes));
    await pickUp(pickedUp);
    const after = await restoreInto(pickedUp, { archive: both });
    expect(after.report).toMatchObject({ restored: 1, already_present: 1 });
    await pickUp(pickedUp);
    expect(places(pickedUp)).toHaveLength(2);
    const again = await restoreInto(pickedUp, { archive: both });
    expect(again.report).toMatchObject({ restored: 0, already_present: 2 });
  });
});
