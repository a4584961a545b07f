import { expect, test } from 'vitest';
import { archiveLocation } from '../../../../src/archive-location.ts';
import { archiveName, parseArchiveName } from '../../../../src/cli/options/archive-name.ts';

test('- is a stream, and anything else a file', () => {
  expect(parseArchiveName('-')).toEqual({ kind: 'stream' });
  expect(parseArchiveName('./-')).toEqual({ kind: 'file', path: './-' });
  expect(parseArchiveName('--')).toEqual({ kind: 'file', path: '--' });
});

test('people are told the stream, and a name that a terminal can show', () => {
  expect(archiveName({ kind: 'stream' }, 'stdin')).toBe('stdin');
  expect(archiveName({ kind: 'file', path: 'a\u001bb' }, 'stdin')).not.toContain('\u001b');
});

test('the library knows no -: a string is a path', () => {
  expect(archiveLocation('-')).toEqual({ kind: 'file', path: '-' });
});
