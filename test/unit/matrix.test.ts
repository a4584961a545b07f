/** What runs on other systems: one choice, which .ci/run and `npm run matrix` share. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chosenTests, ROWS } from '../matrix/rows.js';

const NO_OPTIONS = { everything: false, project: [], filter: [] };

describe.each(ROWS)('the row $name', (row) => {
  const usual = chosenTests(row, NO_OPTIONS);

  test('runs without options what each row does, with the real Postfix', () => {
    expect(usual).toEqual(chosenTests({ name: 'another', suite: 'another', projects: [] }, NO_OPTIONS));
    expect(usual).toMatchObject({ projects: ['cli', 'postfix'], filters: expect.arrayContaining(['postfix/']) });
  });

  test('runs all of its projects with --everything', () => {
    expect(chosenTests(row, { ...NO_OPTIONS, everything: true })).toEqual({ projects: row.projects, filters: [] });
  });

  test('runs all of the projects that are named', () => {
    expect(chosenTests(row, { ...NO_OPTIONS, project: ['unit'] })).toEqual({ projects: ['unit'], filters: [] });
  });

  test('runs the files that are named, of its projects or of those that are named', () => {
    const filter = ['cli/repair'];
    expect(chosenTests(row, { ...NO_OPTIONS, filter })).toEqual({ projects: row.projects, filters: filter });
    expect(chosenTests(row, { ...NO_OPTIONS, project: ['cli'], filter })).toEqual({
      projects: ['cli'],
      filters: filter,
    });
  });
});

test('each path that is chosen is that of a test file', () => {
  const { projects, filters } = chosenTests({ name: 'any', suite: 'any', projects: [] }, NO_OPTIONS);
  const files = projects.flatMap((project) =>
    readdirSync(join(import.meta.dirname, '..', project)).map((name) => `${project}/${name}`),
  );
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  expect(filters.filter((path) => !tests.some((file) => file.includes(path)))).toEqual([]);
});
