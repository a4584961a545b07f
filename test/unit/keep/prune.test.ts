import { describe, expect, it } from 'vitest';
import { markVerified } from '../../../src/keep/mark-verified.ts';
import { pin, unpin } from '../../../src/keep/pin.ts';
import { prune } from '../../../src/keep/prune.ts';
import { snapshots } from '../../../src/keep/snapshots.ts';
import { NO_RULES } from '../../../src/store/retention.ts';
import { parseSpan } from '../../../src/store/span.ts';
import type { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile, snapshotTree } from '../../support/disk/tree.ts';
import { newStoreDisk, snapshotsOn } from '../../support/store/sample-store.ts';
import { nameAt, objectsOf, storeOn } from '../../support/store/stored.ts';

const NOW = Date.parse('2025-12-01T00:00:00Z');
const LAST_ONE = { ...NO_RULES, last: 1 };

/** Five nights of two hosts. */
function twoLines(): SimulatedFileSystem {
  const disk = newStoreDisk();
  for (const host of ['mail.example.org', 'b.example']) {
    for (const day of [21, 22, 23, 24, 25]) {
      const name = nameAt(`2025-11-${day}T03:15:00Z`, day, host);
      for (const { key, size } of objectsOf(name, { verified: day < 24, messages: day })) {
        putFile(disk, `/store/${key}`, { content: '.'.repeat(size) });
      }
    }
  }
  return disk;
}

const shown = (
  found: readonly { readonly snapshot: { readonly shortId: string }; readonly keptBy: readonly string[] }[],
) => found.map(({ snapshot, keptBy }) => `${Number.parseInt(snapshot.shortId, 16)}: ${keptBy.join(' ')}`);

describe('prune', () => {
  it('removes from one line what no rule keeps, with its marks', async () => {
    const disk = twoLines();
    const report = await prune({ store: storeOn(disk), rules: LAST_ONE, now: NOW, host: 'b.example' });
    expect(shown(report.verdicts)).toEqual([
      '21: ',
      '22: ',
      '23: newest-verified',
      '24: last-two',
      '25: last last-two',
    ]);
    expect(disk.readdir('/store/b.example')).toHaveLength(3 + 2 + 2);
    expect(await snapshotsOn(disk)).toHaveLength(5 + 3);
  });

  it('judges each line by itself', async () => {
    const disk = twoLines();
    const { verdicts } = await prune({ store: storeOn(disk), rules: LAST_ONE, now: NOW });
    expect(shown(verdicts).slice(0, 5)).toEqual(shown(verdicts).slice(5));
    expect(await snapshotsOn(disk)).toHaveLength(6);
  });

  it('says the same and changes nothing in a dry run', async () => {
    const disk = twoLines();
    const before = snapshotTree(disk, '/store');
    const dry = await prune({ store: storeOn(disk), rules: LAST_ONE, now: NOW, dryRun: true });
    expect(snapshotTree(disk, '/store')).toEqual(before);
    const real = await prune({ store: storeOn(disk), rules: LAST_ONE, now: NOW });
    expect(real).toEqual({ ...dry, dryRun: false });
  });

  it('never removes what postsnap did not make', async () => {
    const disk = twoLines();
    const theirs = [
      'README',
      'b.example/notes',
      'b.example/20251121T031500Z-00000015.tar.zst.asc',
      'x/.postsnap.a.tmp',
    ];
    for (const path of theirs) {
      putFile(disk, `/store/${path}`, { content: 'theirs' });
    }
    await prune({ store: storeOn(disk), rules: LAST_ONE, now: NOW * 2 });
    for (const path of theirs) {
      expect(disk.lstat(`/store/${path}`), path).toBeDefined();
    }
  });

  it('sweeps what is half there once it is a day old', async () => {
    const disk = twoLines();
    const age = (ms: number) => ({ mtimeNs: BigInt(NOW - ms) * 1_000_000n });
    putFile(disk, '/store/.postsnap.0000000000aa.tmp', age(25 * 3_600_000));
    putFile(disk, '/store/.postsnap.0000000000bb.tmp', age(23 * 3_600_000));
    const { swept } = await prune({ store: storeOn(disk), rules: LAST_ONE, now: NOW });
    expect(swept).toEqual(['.postsnap.0000000000aa.tmp']);
    expect(disk.readdir('/store')).toContain('.postsnap.0000000000bb.tmp');
    expect(disk.readdir('/store')).not.toContain('.postsnap.0000000000aa.tmp');
  });

  it.each([NO_RULES, { ...NO_RULES, within: parseSpan('0d') }])(
    'refuses rules that keep nothing: %j',
    async (rules) => {
      const disk = twoLines();
      await expect(prune({ store: storeOn(disk), rules, now: NOW })).rejects.toMatchObject({ code: 'usage' });
      expect(await snapshotsOn(disk)).toHaveLength(10);
    },
  );
});

describe('a pin', () => {
  it('keeps its snapshot, until it is taken off', async () => {
    const disk = twoLines();
    const store = storeOn(disk);
    const choice = { store, snapshot: '00000015', host: 'b.example', now: NOW };
    expect((await pin(choice)).pinned).toBe(false);
    expect((await pin(choice)).pinned).toBe(true);
    await prune({ store, rules: LAST_ONE, now: NOW });
    expect(shown(await snapshots({ store, host: 'b.example', now: NOW }))[0]).toBe('21: pinned');
    expect((await unpin(choice)).pinned).toBe(true);
    await prune({ store, rules: LAST_ONE, now: NOW });
    expect(shown(await snapshots({ store, host: 'b.example', now: NOW }))).toHaveLength(3);
  });
});

describe('a snapshot that is verified again', () => {
  it('has the mark of the last time alone', async () => {
    const disk = twoLines();
    const store = storeOn(disk);
    const [before] = await snapshotsOn(disk);
    for (const now of [NOW, NOW, NOW + 1000]) {
      const [snapshot] = await snapshotsOn(disk);
      expect(snapshot).toBeDefined();
      if (snapshot !== undefined) {
        await markVerified(store, snapshot, now);
      }
    }
    const [after] = await snapshotsOn(disk);
    expect(after).toMatchObject({ verified: NOW + 1000, messages: before?.messages });
    expect(after?.marks).toHaveLength(2);
  });
});
