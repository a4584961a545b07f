import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveKey, type Mark, markKey, parseKey, snapshotName } from '../../../src/store/archive-name.ts';
import { formatStamp, parseStamp } from '../../../src/store/utc-stamp.ts';

const ID = '1a2b3c4d-0000-4000-8000-000000000000';
const NAME = snapshotName('mail.example.org', { id: ID, started: '2025-11-26T03:15:00.987Z' });

describe('the names of a snapshot', () => {
  it('say when it was begun, and which it is', () => {
    expect(archiveKey(NAME)).toBe('mail.example.org/20251126T031500Z-1a2b3c4d.tar.zst');
    expect(parseKey(archiveKey(NAME))).toEqual({ of: NAME, kind: 'archive' });
  });

  it.each<[Mark, string]>([
    [{ kind: 'messages', count: 0 }, '0.messages'],
    [{ kind: 'messages', count: 3120 }, '3120.messages'],
    [{ kind: 'verified', time: Date.UTC(2025, 10, 26, 3, 16, 22) }, '20251126T031622Z.verified'],
    [{ kind: 'pin' }, 'pin'],
  ])('of a mark: %j', (mark, ending) => {
    const key = markKey(NAME, mark);
    expect(key).toBe(`mail.example.org/20251126T031500Z-1a2b3c4d.${ending}`);
    expect(parseKey(key)).toEqual({ of: NAME, ...mark });
  });

  it.each([
    'mail.example.org/20251126T031500Z-1a2b3c4d.tar',
    'mail.example.org/20251126T031500Z-1A2B3C4D.tar.zst',
    'mail.example.org/20251126T031500Z-1a2b3c4.tar.zst',
    'mail.example.org/20251326T031500Z-1a2b3c4d.tar.zst',
    'mail.example.org/20250230T031500Z-1a2b3c4d.tar.zst',
    'mail.example.org/20251126T031500Z-1a2b3c4d.01.messages',
    'mail.example.org/20251126T031500Z-1a2b3c4d..messages',
    'mail.example.org/20251126T031500Z-1a2b3c4d.verified',
    'mail.example.org/20251126T031500Z-1a2b3c4d.tar.zst.bak',
    'mail.example.org/sub/20251126T031500Z-1a2b3c4d.tar.zst',
    '20251126T031500Z-1a2b3c4d.tar.zst',
    'mail.example.org/notes.txt',
    'lost+found',
  ])('are nothing else: %s', (key) => {
    expect(parseKey(key)).toBeUndefined();
  });
});

describe('a time in a name', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseStamp(formatStamp(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});
