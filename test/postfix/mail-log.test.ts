/** What a restore writes into the log of a Postfix that has a maillog_file, while it runs and while it is stopped. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { postsnap } from '../support/process/command.ts';
import { small } from './estate-messages.ts';

describeWithPostfix('the mail log', () => {
  let scratch: string;
  let source: PostfixInstance;
  let target: PostfixInstance;
  let archive: string;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'postsnap-log-'));
    chmodSync(scratch, 0o755);
    archive = join(scratch, 'archive');
    source = await createInstance();
    target = await createInstance({ parameters: { syslog_name: 'postfix-night' } });
    await source.start();
    await source.submitAll([small('one'), small('two')]);
    await source.stop();
    expect(postsnap(['backup', '-q', '-c', source.configDirectory, archive])).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(async () => {
    await source.dispose();
    await target.dispose();
    rmSync(scratch, { recursive: true });
  });

  const linesOf = (log: string) =>
    log.split('\n').flatMap((line) => /\bpostfix-night\/postsnap\[\d+\]: (.*)$/u.exec(line)?.[1] ?? []);

  /** @returns the lines that are expected, sorted */
  function restore(...args: string[]): string[] {
    const { status, stdout, stderr } = postsnap(['restore', '-c', target.configDirectory, '--map', '-', ...args]);
    expect({ status, stderr: stderr.match(/^postsnap: .*log.*$/mu) }).toEqual({ status: 0, stderr: null });
    const lines = stdout.trim().split('\n');
    const mapped = lines.map((line) => JSON.parse(line) as Record<string, string>);
    return mapped
      .map(
        ({ queue_name, queue_id, new_queue_id }) =>
          `${new_queue_id}: restored, orig_id=${queue_id}, orig_queue=${queue_name}, queue=hold`,
      )
      .toSorted();
  }

  it.each(['running', 'stopped'])('of a Postfix that is %s has each message, and the run', async (state) => {
    if (state === 'running') {
      await target.start();
    }
    const before = linesOf(target.log()).length;
    const expected = restore('-q', '--into', 'hold', '--again', archive);
    expect(expected).toHaveLength(2);
    await target.waitFor(() => linesOf(target.log()).length >= before + 3, 'the log to be written');
    const lines = linesOf(target.log()).slice(before);
    expect(lines.slice(0, 2).toSorted()).toEqual(expected);
    expect(lines[2]).toMatch(/^restore: status=0, snapshot=[-0-9a-f]+, into=hold, restored=2, /u);
    await target.postsuper('-d', 'ALL');
    if (state === 'running') {
      await target.stop();
    }
  });

  it('has nothing of a dry run, and a warning of a run that failed', () => {
    const before = linesOf(target.log()).length;
    expect(restore('-q', '-n', '--again', archive)).toBeDefined();
    expect(linesOf(target.log())).toHaveLength(before);
    const ended = postsnap(['restore', '-q', '-c', target.configDirectory, join(scratch, 'nosuch')]);
    expect(ended.status).toBe(66);
    expect(linesOf(target.log()).at(-1)).toMatch(/^warning: restore: status=66, reason=there is no archive/u);
  });

  it('that can not be written changes nothing but a warning', () => {
    target.setParameter('maillog_file', '/nonexistent/maillog');
    target.setParameter('maillog_file_prefixes', '/nonexistent');
    const ended = postsnap(['restore', '-q', '-c', target.configDirectory, '--into', 'hold', '--again', archive]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toMatch(/^postsnap: warning: the mail log has not all[^\n]+\n$/u);
    const failed = postsnap(['restore', '-q', '-c', target.configDirectory, join(scratch, 'nosuch')]);
    expect(failed.status).toBe(66);
    expect(failed.stderr).toMatch(/^postsnap: fatal: [^\n]+ Besides, the mail log has not all[^\n]+\n$/u);
  });
});
