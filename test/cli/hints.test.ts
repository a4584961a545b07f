/** What is hinted can be pasted: a shell runs what was printed, as it stands, whatever the names are. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { makeEmptyQueue, makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
  mkdirSync(join(scratch, 'bin'));
  writeFileSync(join(scratch, 'bin/postsnap'), `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`, {
    mode: 0o755,
  });
  makeSampleQueue(join(scratch, 'source'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Runs what was printed, where it was printed. */
function paste(line: string | undefined) {
  return spawnSync('bash', ['-c', line ?? 'false'], {
    cwd: scratch,
    encoding: 'utf8',
    env: { ...process.env, MAIL_CONFIG: '', PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}` },
  });
}

const NAMES = ['plain', 'two words', "it's $HOME", '-dash', 'new\nline', 'tab\t"`id`"'];

test.each(NAMES)('after a backup: verify %j', (name) => {
  const { status, stdout } = postsnap(['backup', ...queueOptions(join(scratch, 'source')), '--', name], {
    directory: scratch,
  });
  expect(status).toBe(0);
  const pasted = paste(/^Next: (.*)$/mu.exec(stdout)?.[1]);
  expect(pasted, pasted.stderr).toMatchObject({ status: 0, stderr: '' });
  expect(pasted.stdout).toContain('is intact');
});

test.each(NAMES)('after a verify that found damage: the rest of %j', (name) => {
  const path = join(scratch, `cut ${name}`);
  postsnap(['backup', '-q', ...queueOptions(join(scratch, 'source')), path]);
  writeFileSync(path, readFileSync(path).subarray(0, -100));
  const { status, stdout } = postsnap(['verify', path]);
  expect(status).toBe(65);
  const line = /Next: (.*)$/mu.exec(stdout)?.[1];
  const target = makeEmptyQueue(join(scratch, 'target'));
  const pasted = paste(
    `${line} ${queueOptions(target)
      .map((word) => `'${word}'`)
      .join(' ')}`,
  );
  expect(pasted.stderr).not.toContain('fatal');
  expect(pasted.stdout).toContain('Nothing was changed.');
});
