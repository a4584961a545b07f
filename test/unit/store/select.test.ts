import { describe, expect, it } from 'vitest';
import { type SnapshotChoice, selectNewest, selectSnapshot } from '../../../src/store/select.ts';
import { snapshotsIn } from '../../../src/store/snapshot.ts';
import { nameAt, objectsOf } from '../../support/store/stored.ts';

const NOW = Date.parse('2025-11-27T00:00:00Z');
const names = [
  nameAt('2025-11-25T03:15:00Z', 0xaaaa0001),
  nameAt('2025-11-26T03:15:00Z', 0xaaaa0002),
  nameAt('2025-11-26T15:15:00Z', 0x20251125),
  nameAt('2025-11-26T20:00:00Z', 0xbbbb0001, 'b.example'),
  nameAt('2035-01-01T00:00:00Z', 0xcccc0001),
];
const all = snapshotsIn(names.flatMap((name) => objectsOf(name)));
const select = (choice: SnapshotChoice) => selectSnapshot(all, choice, NOW).shortId;

describe('one snapshot', () => {
  it.each<[SnapshotChoice, string]>([
    [{ snapshot: 'aaaa0001' }, 'aaaa0001'],
    [{ snapshot: 'bbbb' }, 'bbbb0001'],
    [{ snapshot: '20251126T031500Z' }, 'aaaa0002'],
    [{ snapshot: '2025-11-26T03' }, 'aaaa0002'],
    [{ snapshot: '2025-11-26 15:15' }, '20251125'],
    [{ snapshot: '2035' }, 'cccc0001'],
    [{ snapshot: 'latest', host: 'b.example' }, 'bbbb0001'],
    // The newest by name was taken by a wrong clock.
    [{ snapshot: 'latest', host: 'mail.example.org' }, '20251125'],
    [{ snapshot: '20251126', host: 'b.example' }, 'bbbb0001'],
  ])('%j is %s', (choice, shortId) => {
    expect(select(choice)).toBe(shortId);
  });

  it('from the future is the latest where there is no other', () => {
    expect(selectSnapshot(all.slice(-2), { snapshot: 'latest', host: 'mail.example.org' }, 0).shortId).toBe('cccc0001');
  });

  it.each<SnapshotChoice>([
    { snapshot: 'latest' },
    { snapshot: '2025-11-26' },
    { snapshot: 'aaaa' },
    // A short id and the beginning of a time.
    { snapshot: '20251125', host: 'mail.example.org' },
  ])('is refused where there are several: %j', (choice) => {
    expect(() => select(choice)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it.each<SnapshotChoice>([
    { snapshot: 'latest', host: 'c.example' },
    { snapshot: 'dddd0001' },
    { snapshot: 'aa' },
    { snapshot: 'cccc0001', host: 'b.example' },
    { snapshot: '2024' },
    { snapshot: 'nonsense' },
  ])('is not found where there is none: %j', (choice) => {
    expect(() => select(choice)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('the newest snapshot', () => {
  it.each([
    [{}, 'bbbb0001'],
    [{ host: 'b.example' }, 'bbbb0001'],
    [{ host: 'mail.example.org' }, '20251125'],
  ])('of %j is %s: not the one that a wrong clock has taken', (choice, shortId) => {
    expect(selectNewest(all, choice, NOW).shortId).toBe(shortId);
  });

  it('is one from the future where there is no other', () => {
    expect(selectNewest(all, {}, 0).shortId).toBe('cccc0001');
  });

  it('is not found where there is none', () => {
    expect(() => selectNewest(all, { host: 'c.example' }, NOW)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => selectNewest([], {}, NOW)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
