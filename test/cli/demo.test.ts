import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../support/queue/sample-queue.ts';

const DEMO = fileURLToPath(new URL('../../bin/demo.js', import.meta.url));

test('the demonstration shows the whole job, proves itself, and cleans up', () => {
  const scratch = scratchDirectory();
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: scratch, MAIL_CONFIG: '' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('-Queue ID-  --Size--');
    expect(stdout).toMatch(/files in +before +after/u);
    expect(stdout).toMatch(/belongs to other mail in deferred\.\n.* became deferred\/\w+/u);
    expect(stdout).toContain('The same bytes, inodes, modes, owners and times.');
    expect(stdout).not.toContain('warning:');
    expect(readdirSync(join(scratch))).toEqual([]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
