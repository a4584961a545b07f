import { describe, expect, it } from 'vitest';
import { markKey } from '../../../src/store/archive-name.ts';
import { snapshotsIn, straysIn } from '../../../src/store/snapshot.ts';
import { nameAt, objectsOf, stampsOf } from '../../support/store/stored.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const first = nameAt('2025-11-25T03:15:00Z', 1);
const second = nameAt('2025-11-26T03:15:00Z', 2);

describe('the snapshots in a listing', () => {
  it('have what their marks say', () => {
    const [older, newer] = snapshotsIn([
      ...objectsOf(second, { size: 5 }),
      ...objectsOf(first, { messages: 12, verified: true, pinned: true, size: 700 }),
    ]);
    expect(older).toMatchObject({ host: 'mail.example.org', instance: '-', messages: 12, bytes: 700, pinned: true });
    expect(older).toMatchObject({ verified: first.time, marks: expect.arrayContaining([expect.any(String)]) });
    expect(older?.marks).toHaveLength(3);
    expect(newer).toMatchObject({ messages: undefined, verified: undefined, pinned: false, marks: [] });
  });

  it('were last verified when the newest of such marks says', () => {
    const later = { ...objectsOf(first)[0], key: markKey(first, { kind: 'verified', time: second.time }) };
    const marked = [...objectsOf(first, { verified: true }), { key: later.key, size: 0, modified: 0 }];
    expect(snapshotsIn(marked)[0]?.verified).toBe(second.time);
  });

  it('stand line by line, the oldest first', () => {
    const other = nameAt('2025-11-24T00:00:00Z', 3, 'z.example');
    const listing = [...objectsOf(other), ...objectsOf(second), ...objectsOf(first)];
    expect(stampsOf(snapshotsIn(listing))).toEqual(['20251125T031500Z', '20251126T031500Z', '20251124T000000Z']);
  });

  it('are no archives without content, no marks alone, and nothing that postsnap did not make', () => {
    const [archive, ...marks] = objectsOf(first, { verified: true });
    const object = (key: string) => ({ key, size: 10, modified: 0 });
    expect(snapshotsIn([...objectsOf(second, { size: 0 }), ...marks])).toEqual([]);
    expect(snapshotsIn([object('notes.txt'), object('a b/20251126T031500Z-1a2b3c4d.tar.zst')])).toEqual([]);
    expect(archive).toBeDefined();
  });
});

describe('what a crash left behind', () => {
  const draft = { key: '.postsnap.00000000000a.tmp', size: 10, modified: second.time };
  const [archive, ...marks] = objectsOf(second, { messages: 1 });

  it('is swept when nobody has touched it for a day', () => {
    const empty = objectsOf(second, { size: 0 });
    for (const strays of [[draft], marks, empty]) {
      expect(straysIn(strays, second.time + DAY_MS - 1)).toEqual([]);
      expect(straysIn(strays, second.time + DAY_MS)).toEqual(strays.map(({ key }) => key));
    }
  });

  it('is no archive with its marks, and nothing that postsnap did not make', () => {
    const theirs = ['.postsnap.tmp', 'notes.tmp', 'h/.postsnap.00000000000a.tmp', 'h/20251126T031500Z-1a2b3c4d.note'];
    const listing = [...(archive === undefined ? [] : [archive]), ...marks];
    expect(straysIn([...listing, ...theirs.map((key) => ({ key, size: 0, modified: 0 }))], second.time * 2)).toEqual(
      [],
    );
  });
});
