/** The README's way to install, run as it is written there, without a network; what it installs outlives the checkout. */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithProgram } from '../support/process/programs.ts';
import { makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';
import { commandsOf } from '../support/readme-chapter.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHIPPED = ['bin', 'dist', 'docs', 'packaging', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
const LOCK = 'package-lock.json';

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** A checkout as `npm ci && npm run build` leaves it, without what only the tests need. */
function makeCheckout(checkout: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, LOCK), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const needed = Object.entries(packages).flatMap(([place, { dev, optional }]) =>
    place === '' || dev === true || optional === true ? [] : [place],
  );
  expect(needed.length).toBeGreaterThan(8);
  mkdirSync(checkout);
  for (const name of [...SHIPPED, LOCK, ...needed]) {
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  }
}

test('a checkout has all that is shipped', () => {
  expect(SHIPPED.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

describeWithProgram('npm', 'what npm installs', () => {
  test('is there when the checkout is gone, and needs no network', () => {
    const [checkout, prefix, elsewhere] = ['checkout', 'prefix', 'elsewhere'].map((name) => join(scratch, name));
    makeCheckout(checkout ?? '');
    mkdirSync(elsewhere ?? '');
    const [block = ''] = commandsOf('Install');
    const [build, ...install] = block.trimEnd().split('\n');
    expect(build).toBe('npm ci && npm run build');
    const environment = {
      ...process.env,
      MAIL_CONFIG: '',
      npm_config_prefix: prefix ?? '',
      npm_config_offline: 'true',
      npm_config_cache: join(scratch, 'cache'),
    };
    const installed = spawnSync('bash', ['-e', '-c', install.join('\n')], {
      cwd: checkout,
      encoding: 'utf8',
      env: environment,
    });
    expect(installed.status, installed.stderr).toBe(0);
    rmSync(checkout ?? '', { recursive: true });

    const run = (...words: string[]) =>
      spawnSync(join(prefix ?? '', 'bin/postsnap'), words, {
        cwd: elsewhere,
        encoding: 'utf8',
        // As cron has it, but for npm's directory and that of Node.js.
        env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, MAIL_CONFIG: '' },
      });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(run('--version').stdout).toBe(`${version}\n`);
    const source = makeSampleQueue(join(scratch, 'source'));
    for (const words of [
      ['backup', ...queueOptions(source), 'queue.tar.zst'],
      ['verify', 'queue.tar.zst'],
    ]) {
      expect(run(...words), words[0]).toMatchObject({ status: 0, stderr: '' });
    }
    // The library, for programs.
    const imported = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `await import('${join(prefix ?? '', 'lib/node_modules/postsnap/dist/index.js')}')`],
      { encoding: 'utf8' },
    );
    expect(imported).toMatchObject({ status: 0, stderr: '' });
  });
});
