/** What runs the nightly backup, by what systemctl(1) and cron's file say. */

import { describe, expect, it } from 'vitest';
import { findSchedule } from '../../../../src/cli/configuration/schedule.ts';
import { SimulatedFileSystem } from '../../../support/disk/simulated-file-system.ts';
import { putFile } from '../../../support/disk/tree.ts';

interface World {
  /** What `systemctl VERB UNIT` says. */
  readonly says?: Readonly<Record<string, string>>;
  readonly cron?: string;
  readonly isBooted?: boolean;
}

function find(instance: string | undefined, { says = {}, cron, isBooted = true }: World) {
  const fs = new SimulatedFileSystem();
  for (const directory of [
    '/etc',
    '/etc/cron.d',
    '/run',
    '/run/systemd',
    ...(isBooted ? ['/run/systemd/system'] : []),
  ]) {
    fs.mkdir(directory, 0o755);
  }
  if (cron !== undefined) {
    putFile(fs, '/etc/cron.d/postsnap', { content: cron });
  }
  const run = (_: string, words: readonly string[]) => {
    const stdout = says[words.filter((word) => !word.startsWith('--')).join(' ')] ?? '';
    return { status: stdout === '' ? 1 : 0, stdout: `${stdout}\n`, stderr: '' };
  };
  return findSchedule(instance, { fs, run });
}

const ENABLED = { 'is-enabled postsnap.timer': 'enabled', 'is-active postsnap.timer': 'active' };

describe('a timer', () => {
  it.each<[string, World['says'], boolean, RegExp]>([
    ['that is enabled', ENABLED, true, /^postsnap\.timer is enabled$/u],
    ['of a systemd that can not be asked', { 'is-enabled postsnap.timer': 'enabled' }, true, /is enabled$/u],
    ['that is installed', { 'is-enabled postsnap.timer': 'disabled' }, false, /is installed, and not enabled$/u],
    ['that is masked', { 'is-enabled postsnap.timer': 'masked' }, false, /is installed, and not enabled$/u],
    [
      'that is not started',
      { ...ENABLED, 'is-active postsnap.timer': 'inactive' },
      false,
      /is enabled, and not started: it waits for the next start/u,
    ],
    [
      'that is not there',
      {},
      false,
      /^postsnap\.timer is not installed, and \/etc\/cron\.d\/postsnap runs no backup$/u,
    ],
  ])('%s', (...[, says = {}, ok, text]) => {
    const found = find(undefined, { says });
    expect(found).toMatchObject({ ok, text: expect.stringMatching(text) });
    expect(found.nextStep === '').toBe(ok);
  });

  it('of a system without systemd runs nothing', () => {
    expect(find(undefined, { says: ENABLED, isBooted: false })).toMatchObject({
      ok: false,
      text: expect.stringContaining('systemd does not run here'),
    });
  });

  it('of the primary instance is none of another, unless its service takes all', () => {
    expect(find('-', { says: ENABLED }).ok).toBe(true);
    expect(find('out', { says: ENABLED })).toMatchObject({ ok: false, text: expect.stringContaining('postsnap@out') });
    expect(find('out', { says: { 'is-enabled postsnap@out.timer': 'enabled' } }).ok).toBe(true);
    const all = { ...ENABLED, 'cat postsnap.service': 'ExecStart=/usr/bin/postsnap backup --all-instances' };
    expect(find('out', { says: all }).ok).toBe(true);
  });
});

describe("cron's file", () => {
  it.each<[string, string | undefined, boolean]>([
    ['15 3 * * *  root  nice postsnap backup --quiet', undefined, true],
    ['15 3 * * *  root  nice postsnap backup --quiet', 'out', false],
    ['15 3 * * *  root  postsnap backup -q --all-instances', 'out', true],
    ['15 3 * * *  root  postsnap backup -q -i out', 'out', true],
    ['15 3 * * *  root  postsnap backup -q --postfix-instance=out', 'out', true],
    ['# 15 3 * * *  root  postsnap backup', undefined, false],
    ['15 3 * * *  root  postsnap drill', undefined, false],
  ])('%s: of instance %s', (line, instance, ok) => {
    expect(find(instance, { cron: `PATH=/bin\n${line}\n`, isBooted: false }).ok).toBe(ok);
  });
});
