/** What runs before `npm start` and `npm test`: it installs only where something is missing. */

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PREPARE = join(import.meta.dirname, '../../.ci/prepare.js');

const LOCK = {
  '': { name: 'postsnap' },
  'node_modules/plain': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/for-another-system': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};

describe('prepare', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'postsnap-prepare-'));
    mkdirSync(join(checkout, '.ci'));
    mkdirSync(join(checkout, 'bin'));
    copyFileSync(PREPARE, join(checkout, '.ci/prepare.js'));
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
    writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages: LOCK }));
    writeFileSync(join(checkout, 'bin/npm'), '#!/bin/sh\necho "$*" >>"$0.calls"\n');
    chmodSync(join(checkout, 'bin/npm'), 0o755);
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  function npmCalls(installed?: object): string[] {
    if (installed !== undefined) {
      mkdirSync(join(checkout, 'node_modules'));
      writeFileSync(join(checkout, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
    }
    const PATH = `${join(checkout, 'bin')}:${process.env['PATH']}`;
    const { status } = spawnSync(process.execPath, [join(checkout, '.ci/prepare.js')], { env: { PATH } });
    expect(status).toBe(0);
    return readFileSync(join(checkout, 'bin/npm.calls'), 'utf8').trim().split('\n');
  }

  const install = 'ci --no-audit --no-fund';
  const build = 'run --silent build';

  it('installs where nothing is', () => {
    expect(npmCalls()).toEqual([install, build]);
  });

  it('installs nothing again', () => {
    expect(npmCalls({ 'node_modules/plain': LOCK['node_modules/plain'] })).toEqual([build]);
  });

  it('installs where a package is missing', () => {
    expect(npmCalls({})).toEqual([install, build]);
  });

  it('installs where a package is not the one of the lock file', () => {
    expect(npmCalls({ 'node_modules/plain': { version: '1.0.1', integrity: 'sha512-c' } })).toEqual([install, build]);
  });
});
