import { expect, it } from 'vitest';
import { directoryOf } from '../../src/archive-location.ts';

it('knows the directory that an archive comes to be in, and none of a stream', () => {
  expect(directoryOf({ kind: 'file', path: '/var/backups/a.tar.zst' })).toBe('/var/backups');
  expect(directoryOf({ kind: 'file', path: 'a.tar.zst' })).toBe('.');
  expect(directoryOf({ kind: 'draft', fd: 9, directory: '/var/backups/store', path: 'x' })).toBe('/var/backups/store');
  expect(directoryOf({ kind: 'stream' })).toBeUndefined();
});
