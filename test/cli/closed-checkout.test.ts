import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

// As a newcomer has it who clones into /root. What others run there, the tests must copy to where others can go.
describeWith([root], 'a checkout below a directory of mode 0700', () => {
  let closed: string;

  beforeAll(() => {
    closed = mkdtempSync(join(tmpdir(), 'postsnap-closed-'));
    chmodSync(closed, 0o700);
    const checkout = join(closed, 'checkout');
    mkdirSync(checkout);
    for (const name of [
      'bin',
      'dist',
      'docs',
      'fixtures',
      'package.json',
      'README.md',
      'src',
      'test',
      'tsconfig.json',
    ]) {
      const isWanted = (path: string): boolean => !path.endsWith('/node_modules');
      cpSync(join(CHECKOUT, name), join(checkout, name), { recursive: true, filter: isWanted });
    }
    symlinkSync(join(CHECKOUT, 'node_modules'), join(checkout, 'node_modules'));
  });
  afterAll(() => {
    rmSync(closed, { recursive: true });
  });

  test('passes the tests in which others than root run something', () => {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const files = ['cli/hostile-owner', 'cli/rights'];
    const args = [
      vitest,
      'run',
      '--config',
      'test/vitest.config.ts',
      '--project',
      'cli',
      '--reporter',
      'json',
      ...files,
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: join(closed, 'checkout'), encoding: 'utf8' });
    const report: unknown = JSON.parse(stdout.slice(stdout.indexOf('{"num')));
    expect(report, stderr).toMatchObject({
      success: true,
      numFailedTests: 0,
      numPendingTests: 0,
      numTotalTestSuites: expect.any(Number),
    });
    expect(report).toHaveProperty('testResults', [expect.anything(), expect.anything()]);
  });
});
