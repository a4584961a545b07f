import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import { decimalSeconds, octalMode } from './fixture-set.ts';
import { LETTERS, type SampleLetter } from './sample-letters.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const NOBODY = 65_534;

function render(letter: SampleLetter): string {
  return [
    `From: ${letter.from}`,
    `To: ${letter.to.join(', ')}`,
    `Subject: ${letter.subject}`,
    '',
    letter.text,
    '',
  ].join('\n');
}

function chosen(place: SampleLetter['place']): readonly SampleLetter[] {
  return LETTERS.filter((letter) => letter.place === place);
}

function submit(postfix: PostfixInstance, letters: readonly SampleLetter[]): Promise<string[]> {
  return postfix.submitAll(
    letters.map((letter) => ({
      from: letter.from,
      to: letter.to.map((address) => (letter.notify === undefined ? address : { address, notify: letter.notify })),
      data: render(letter),
    })),
  );
}

/** Nothing is in incoming or active, so all that can be tried has been tried. */
async function atRest(postfix: PostfixInstance): Promise<void> {
  await postfix.waitFor(
    () => postfix.queueFiles().every(({ queueName }) => queueName !== 'incoming' && queueName !== 'active'),
    'all attempts to end',
  );
}

/** Mail that was tried once while nobody listened, and once while somebody did, but cleanup could make no notices. */
async function makeDeferred(postfix: PostfixInstance): Promise<void> {
  await submit(postfix, chosen('deferred'));
  await atRest(postfix);
  postfix.setService('cleanup', false);
  await postfix.reload();
  const sink = await startSink({
    port: postfix.relayPort,
    defaultAnswer: '450',
    answers: { 'frieda@example.org': '250', 'gone@example.org': '550' },
  });
  await postfix.flush();
  await postfix.waitFor(
    () => ['bounce', 'trace'].every((log) => postfix.queueFiles().some(({ queueName }) => queueName === log)),
    'a bounce log and a trace log',
  );
  await atRest(postfix);
  await sink.close();
  postfix.setService('cleanup', true);
  await postfix.reload();
}

async function makeHeld(postfix: PostfixInstance): Promise<void> {
  const queueIds = await submit(postfix, chosen('hold'));
  await atRest(postfix);
  await postfix.postsuper(...queueIds.flatMap((queueId) => ['-h', queueId]));
}

/** Without pickup and queue manager, new mail stays where it came in. */
async function makeNew(postfix: PostfixInstance): Promise<void> {
  await postfix.stop();
  postfix.setService('pickup', false);
  postfix.setService('qmgr', false);
  await postfix.start();
  await submit(postfix, chosen('incoming'));
  for (const letter of chosen('maildrop')) {
    const user = { uid: NOBODY, gid: postfix.queueGroup() };
    await postfix.submitSendmail(['-i', '-f', letter.from, ...letter.to], render(letter), user);
  }
  await postfix.stop();
}

function save(postfix: PostfixInstance): void {
  const directory = join(FIXTURES, 'sample-queue');
  rmSync(directory, { recursive: true, force: true });
  const files: Record<string, { mode: string; mtime: string; inode: string }> = {};
  for (const { path, mode, mtimeNs, inode } of postfix.queueFiles()) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    // Not copied: the mode is the manifest's business, git would keep its x bit alone.
    writeFileSync(join(directory, path), readFileSync(join(postfix.queueDirectory, path)));
    files[path] = {
      mode: octalMode(mode),
      mtime: decimalSeconds(mtimeNs),
      inode: inode.toString(),
    };
  }
  writeFileSync(join(FIXTURES, 'sample-queue.json'), `${JSON.stringify({ files }, undefined, 2)}\n`);
}

describeWithPostfix('fixtures/sample-queue', () => {
  it('is made', async () => {
    const postfix = await createInstance();
    try {
      await postfix.start();
      await makeHeld(postfix);
      await makeDeferred(postfix);
      await makeNew(postfix);
      save(postfix);
    } finally {
      await postfix.dispose();
    }
  });
});
