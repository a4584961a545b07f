/** What a restore leaves in the queue directory, as the README tells it. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { runToEnd } from '../support/process/process.ts';
import { census, messagesOf } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MESSAGES = 300;
const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

describeWith([root], 'a restore that is done', () => {
  let scratch: string;
  let archive: string;
  let target: string;
  beforeAll(() => {
    scratch = openScratch();
    ({ archive } = makeArchive(scratch, MESSAGES));
    target = makeQueueDirectory(join(scratch, 'target'));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  const restore = () => {
    // Named from where it is: mail_owner's process works elsewhere.
    const typed = ['restore', '-j', ...optionsFor(target), basename(archive)];
    const { status, stdout } = postsnap(typed, { directory: dirname(archive) });
    expect(status).toBe(0);
    return JSON.parse(stdout);
  };
  const state = () => readdirSync(join(target, 'postsnap'));
  /** As if Postfix had delivered all of it. */
  function deliverAll(): void {
    for (const { path } of messagesOf(census(target))) {
      rmSync(join(target, path));
    }
  }

  test('leaves a receipt of at most 64 bytes a message, by which it knows what was delivered since', () => {
    expect(restore()).toMatchObject({ restored: MESSAGES });
    const [receipt = '', ...more] = state();
    expect([receipt, more]).toEqual([expect.stringMatching(/^\d{14}-[0-9a-f]+\.receipt$/u), []]);
    expect(statSync(join(target, 'postsnap', receipt)).size / MESSAGES).toBeLessThan(64);
    const [head = ''] = readFileSync(join(target, 'postsnap', receipt), 'latin1').split('\n');
    expect(JSON.parse(head)).toMatchObject({ archive });
    deliverAll();
    expect(restore()).toMatchObject({ restored: 0, already_restored: MESSAGES });
    expect(state()).toEqual([receipt]);
  });

  test('is forgotten by the command of the README', async () => {
    const command = /^rm (\/var\/spool\/postfix)\/postsnap\/\*\.receipt/mu.exec(README)?.[0] ?? 'false';
    execFileSync('bash', ['-c', command.replace('/var/spool/postfix', target)]);
    expect(restore()).toMatchObject({ restored: MESSAGES, already_restored: 0 });
    const { status, stdout } = await runToEnd(['status', '-j', ...optionsFor(target)]);
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { pending: [], restored_before: 1 }]);
  });
});
