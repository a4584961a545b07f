/** What the documents for contributors say of the code: every file that they name is there, and every room is told of. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = ['docs/architecture.md', 'docs/runbooks.md', 'CONTRIBUTING.md', 'README.md'] as const;

function textOf(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** Paths between backticks: with a slash, or with the ending of a file of the project. */
function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/gu)].map(([, path = '']) => path);
  return quoted.filter((path) => /^[\w.-]+(?:\/[\w.-]+)*\/?$/u.test(path) && /\/|\.(?:ts|js|md|json)$/u.test(path));
}

/** A path is meant from the top, or from src. */
function isThere(path: string): boolean {
  return existsSync(join(ROOT, path)) || existsSync(join(ROOT, 'src', path));
}

describe.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s', (document) => {
  it('names only files and folders that are there', () => {
    const paths = pathsIn(textOf(document));
    expect(paths.length).toBeGreaterThan(5);
    // The rooms of the command line stand beside its name.
    const isBelowCli = (path: string): boolean => existsSync(join(ROOT, 'src/cli', path));
    expect(paths.filter((path) => !isThere(path) && !isBelowCli(path))).toEqual([]);
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  it('links only to what is there', () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]+)/gu)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('tells of every room of the source', () => {
    const text = textOf('docs/architecture.md');
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true });
    const names = rooms.map((room) => (room.isDirectory() ? `\`${room.name}/\`` : `\`${room.name}\``));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });

  it('names for each rule of the order a file that keeps it', () => {
    const table = textOf('docs/architecture.md').split('## The order of a restore')[1]?.split('## ')[0] ?? '';
    const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| rule'));
    expect(rows.length).toBeGreaterThanOrEqual(8);
    expect(rows.filter((row) => !/`(?:journal|fs)\/[\w-]+\.ts`/u.test(row))).toEqual([]);
  });
});
