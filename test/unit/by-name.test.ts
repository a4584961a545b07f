/**
 * Whoever changes a file that decides about mail or moves it finds its test by its name: `test/unit` mirrors these rooms.
 * Only what has nothing that runs needs none.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../src');
const ROOMS = ['restore', 'backup', 'plan', 'journal'];

const files = ROOMS.flatMap((room) =>
  readdirSync(join(SOURCE, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name}`),
);

/** Files that have nothing to test by name, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  'backup/tuning.ts': 'numbers alone: test/property/backup-interleavings.test.ts shows that anything less misses mail',
};

/** Whether a file has types and comments alone. */
function onlyDeclares(file: string): boolean {
  const code = readFileSync(join(SOURCE, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/gu, '');
  return !/\b(?:function|class|const|let)\b|=>\s*\{/u.test(code);
}

function hasTest(file: string): boolean {
  return existsSync(join(import.meta.dirname, file.replace(/\.ts$/u, '.test.ts')));
}

it('reads the rooms', () => {
  expect(files.length).toBeGreaterThan(80);
  expect(onlyDeclares('plan/decision.ts')).toBe(true);
  expect(onlyDeclares('plan/decide.ts')).toBe(false);
});

it('finds a test by name for each file that does something', () => {
  const lacking = files.filter((file) => !onlyDeclares(file) && WITHOUT[file] === undefined && !hasTest(file));
  expect(lacking).toEqual([]);
});
