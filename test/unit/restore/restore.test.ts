/** The whole of a restore, as a caller has it. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { restore } from '../../../src/restore/restore.ts';
import { fixture, makeTarget, sampleArchive, type Target } from '../../support/restore/world.ts';

vi.setConfig({ testTimeout: 30_000 });

const OWNER = process.getuid?.() ?? 0;

const optionsFor = ({ queueDirectory }: Target) => ({
  queueDirectory,
  overrides: { mail_owner: String(OWNER) },
  workers: 0,
});

it('puts the messages of an archive into a queue, tells each, and the plan before; again it does nothing', async () => {
  const target = makeTarget();
  const archive = await sampleArchive();
  const told: string[] = [];
  const options = {
    ...optionsFor(target),
    archive,
    onPlan: () => told.push('plan'),
    onMapping: ({ action }: { readonly action: string }) => told.push(action),
  };
  const report = await restore(options);
  expect(report).toMatchObject({ restored: 2, failed: 0, dry_run: false });
  expect(told).toEqual(['plan', 'restored', 'restored']);
  const hold = join(target.queueDirectory, 'hold');
  const [name = ''] = readdirSync(hold);
  expect(readFileSync(join(hold, name)).equals(fixture('always-bcc.queue'))).toBe(true);
  expect(await restore(options)).toMatchObject({ restored: 0, already_present: 2 });
  expect(readdirSync(hold)).toEqual([name]);
});

it.each([
  ['a queue that is not of mail_owner', { overrides: { mail_owner: String(OWNER + 12_345) } }, 'configuration'],
  ['what is no queue directory', { queueDirectory: '/nowhere' }, 'not-found'],
  ['a choice that makes no sense', { selection: { only: { senders: ['/(/'] } } }, 'usage'],
  ['an archive that is not there', { archive: '/nowhere/a.tar.zst' }, 'not-found'],
])('refuses %s, and touches nothing', async (_, changes, code) => {
  const target = makeTarget();
  const before = readdirSync(target.queueDirectory, { recursive: true });
  const archive = await sampleArchive();
  await expect(restore({ ...optionsFor(target), archive, ...changes })).rejects.toMatchObject({ code });
  expect(readdirSync(target.queueDirectory, { recursive: true })).toEqual(before);
});

it('closes what it has opened, also after an error', async () => {
  const target = makeTarget();
  const archive = await sampleArchive();
  writeFileSync(archive, readFileSync(archive).subarray(0, 300));
  const open = (): string[] => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd') : []);
  const before = open().length;
  await expect(restore({ ...optionsFor(target), archive })).rejects.toMatchObject({ code: 'incomplete' });
  await expect(restore({ ...optionsFor(target), archive, salvage: true })).rejects.toThrow();
  expect(open().length).toBe(before);
});
