import { describe, expect, it } from 'vitest';
import { NO_RULES } from '../../../src/store/retention.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { putFile } from '../../support/disk/tree.ts';
import { areWhole, newStoreDisk, runNight, snapshotsOn } from '../../support/store/sample-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST = Date.parse('2025-11-20T03:15:00Z');
const RULES = { ...NO_RULES, last: 2 };
const night = (number: number, more: object = {}) => ({ number, time: FIRST + number * DAY_MS, rules: RULES, ...more });

const numbersOn = async (disk: ReturnType<typeof newStoreDisk>) =>
  (await snapshotsOn(disk)).map(({ shortId }) => Number.parseInt(shortId, 16));

describe('a backup into a store', () => {
  it('publishes, counts, verifies, and removes what no rule keeps', async () => {
    const disk = newStoreDisk();
    for (const number of [1, 2, 3]) {
      const kept = await runNight(disk, night(number));
      expect(kept).toMatchObject({ proven: true, path: `/store/${kept.key}`, taken: { messages: number } });
    }
    const snapshots = await snapshotsOn(disk);
    expect(snapshots).toMatchObject([
      { messages: 2, verified: FIRST + 2 * DAY_MS },
      { messages: 3, verified: FIRST + 3 * DAY_MS },
    ]);
    expect(areWhole(disk, snapshots)).toBe(true);
    expect(disk.openDescriptors).toBe(0);
  });

  it('removes nothing where no rules are given', async () => {
    const disk = newStoreDisk();
    for (const number of [1, 2, 3, 4]) {
      expect((await runNight(disk, night(number, { rules: undefined }))).pruned).toBeUndefined();
    }
    expect(await numbersOn(disk)).toEqual([1, 2, 3, 4]);
  });

  it.each([RULES, undefined])('sweeps what a crash left half done a day ago, with the rules %j', async (rules) => {
    const disk = newStoreDisk();
    const left = (hours: number) => ({ mtimeNs: BigInt(night(1).time - hours * 3_600_000) * 1_000_000n });
    putFile(disk, '/store/.postsnap.0000000000aa.tmp', left(25));
    putFile(disk, '/store/.postsnap.0000000000bb.tmp', left(23));
    await runNight(disk, night(1, { rules }));
    expect(disk.readdir('/store')).toEqual(expect.arrayContaining(['.postsnap.0000000000bb.tmp']));
    expect(disk.readdir('/store')).not.toContain('.postsnap.0000000000aa.tmp');
  });

  it("that can't be read back stays, unverified, and lets nothing go", async () => {
    const disk = newStoreDisk();
    for (const number of [1, 2]) {
      await runNight(disk, night(number));
    }
    const kept = await runNight(disk, night(3, { isIntact: false }));
    expect(kept).toMatchObject({ proven: false, pruned: undefined });
    expect(await numbersOn(disk)).toEqual([1, 2, 3]);
    expect((await snapshotsOn(disk)).at(-1)?.verified).toBeUndefined();
  });

  it('that fails leaves the store as it was', async () => {
    const disk = newStoreDisk();
    await runNight(disk, night(1));
    const before = await snapshotsOn(disk);
    await expect(runNight(disk, night(2, { fail: 'taking' }))).rejects.toThrow('the disk of the queue failed');
    expect(await snapshotsOn(disk)).toEqual(before);
    expect(disk.readdir('/store')).toEqual(['mail.example.org']);
    expect(disk.openDescriptors).toBe(0);
  });

  it('is refused where the store has one of its name', async () => {
    const disk = newStoreDisk();
    await runNight(disk, night(1));
    await expect(runNight(disk, night(1))).rejects.toMatchObject({ code: 'output-exists' });
    expect(disk.readdir('/store')).toEqual(['mail.example.org']);
  });

  it('fails at any call with an error, and has nothing half under a name', async () => {
    const faults = new Faults();
    await runNight(faultyFileSystem(newStoreDisk(), faults), night(1));
    for (const { index } of faults.calls) {
      const disk = newStoreDisk();
      const plan = new Faults().failAt(index, 'ENOSPC');
      await runNight(faultyFileSystem(disk, plan), night(1)).catch(() => undefined);
      expect(areWhole(disk, await snapshotsOn(disk)), `call ${index}`).toBe(true);
      expect(disk.openDescriptors, `call ${index}`).toBe(0);
    }
  });
});
