/** The README's way from an archive to a queue with zstd, tar and Postfix alone, run as it is written there. */

import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { countsOf, fillSmallQueue } from '../support/postfix/small-queue.ts';
import { backUp } from '../support/postfix/snapshot-of.ts';
import { deliverAll } from '../support/postfix/target.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** The block of commands that unpacks an archive, but for its last line, which starts Postfix. */
function recipe(archive: string, postfix: PostfixInstance): string {
  const block = README.split('```sh\n').find((text) => text.includes('--strip-components=1'));
  const commands = (block ?? '').split('```')[0] ?? '';
  expect(commands).toContain('postsuper -s');
  return commands
    .replace('/var/spool/postfix', postfix.queueDirectory)
    .replace('/backup/queue.tar.zst', archive)
    .replaceAll(/^(postfix|postsuper) /gmu, `$1 -c ${postfix.configDirectory} `)
    .replace(/^postfix .* start$/mu, '');
}

/** Gives one deferred message a trace log: what postsuper treats in its own way. */
function plantTrace(postfix: PostfixInstance): void {
  const message = postfix.queueFiles().find(({ queueName }) => queueName === 'deferred');
  const path = join(postfix.queueDirectory, 'trace', message?.name ?? '');
  writeFileSync(path, 'planted\n', { mode: 0o600 });
  chownSync(path, postfix.queueOwner(), postfix.queueOwner());
}

/** It has the name of a deferred message again. Without it, no notice is due. */
function takeTrace(postfix: PostfixInstance): void {
  const files = postfix.queueFiles();
  const [trace, ...more] = files.filter(({ queueName }) => queueName === 'trace');
  expect(more).toEqual([]);
  expect(files.filter(({ queueName }) => queueName === 'deferred').map(({ name }) => name)).toContain(trace?.name);
  rmSync(join(postfix.queueDirectory, 'trace', trace?.name ?? ''));
}

describeWithPostfix('an archive without postsnap', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-without-'));
  let target: PostfixInstance;

  afterEach(async () => {
    await target.dispose();
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it.each([
    ['short', 'no'],
    ['long', 'yes'],
  ])('becomes a queue that Postfix delivers, with %s queue IDs', async (form, enabled) => {
    const parameters = { enable_long_queue_ids: enabled };
    const source = await createInstance({ parameters });
    const archive = join(directory, `${form}.tar.zst`);
    try {
      await fillSmallQueue(source);
      plantTrace(source);
      await backUp(source, archive);
    } finally {
      await source.dispose();
    }
    target = await createInstance({ parameters });
    execFileSync('sh', ['-e', '-c', recipe(archive, target)], { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(await target.check()).toMatchObject({ status: 0, stderr: '' });
    // Nothing is left to rename: no second run of postsuper has anything to do.
    const again = await target.postsuper('-s');
    expect(`${again.stdout}${again.stderr}`).not.toMatch(/rename|Renamed|warning/u);
    expect(target.queueFiles().filter(({ name }) => name.includes('#'))).toEqual([]);
    takeTrace(target);
    await deliverAll(target, async (sink) => {
      expect(sink.counts()).toEqual(countsOf(['deferred-a', 'deferred-b', 'requeued', 'submitted'], 1));
    });
    const held = target.queueFiles().filter(({ queueName }) => queueName === 'hold');
    expect(held).toHaveLength(1);
    await target.start();
    await target.postsuper('-H', 'ALL');
    await target.stop();
    await deliverAll(target, async (sink) => {
      expect(sink.counts()).toEqual(countsOf(['held'], 1));
    });
  });
});
