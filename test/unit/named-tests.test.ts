/**
 * A comment that says what must come first names the test that shows what breaks otherwise: `(FILE.test.ts, "a title" and
 * "another")`. Whoever renames that test, or takes it away, is told here.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

function textsBelow(folder: string, ending: string): Map<string, string> {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const wanted = names.filter((name) => name.endsWith(ending));
  return new Map(wanted.map((name) => [name, readFileSync(join(ROOT, folder, name), 'utf8')]));
}

const sources = textsBelow('src', '.ts');
const tests = textsBelow('test', '.ts');

interface Named {
  readonly file: string;
  readonly test: string;
  readonly titles: readonly string[];
}

/** The comments of a file as running text. */
function commentsOf(text: string): string[] {
  const comments = text.match(/\/\*\*[\s\S]*?\*\/|(?:^ *\/\/.*\n)+/gmu) ?? [];
  return comments.map((comment) => comment.replace(/\n\s*(?:\*|\/\/)? ?/gu, ' '));
}

const named = [...sources].flatMap(([file, text]) =>
  commentsOf(text).flatMap((comment) =>
    [...comment.matchAll(/([\w-]+\.test\.ts)((?:(?:,| and) "[^"]+")*)/gu)].map(
      ([, test = '', titles = '']): Named => ({
        file,
        test,
        titles: [...titles.matchAll(/"([^"]+)"/gu)].map(([, title = '']) => title),
      }),
    ),
  ),
);

it('are read from the comments', () => {
  expect(named.length).toBeGreaterThan(30);
  expect(named.flatMap(({ titles }) => titles).length).toBeGreaterThan(25);
});

it('are there, under the titles that are given', () => {
  const missing = named.flatMap(({ file, test, titles }) => {
    // A title may stand in a table beside the test.
    const folders = [...tests.keys()].filter((name) => basename(name) === test).map(dirname);
    const found = [...tests].filter(([name]) => folders.includes(dirname(name))).map(([, text]) => text);
    const lacking = titles.filter((title) => !found.some((text) => text.includes(title)));
    const told = lacking.map((title) => `src/${file} names "${title}" of ${test}, which has none of that title`);
    return found.length === 0 ? [`src/${file} names ${test}, and there is none`] : told;
  });
  expect(missing).toEqual([]);
});

/** The rooms in which the order of calls is the promise. */
const ROOMS = /^(?:journal|restore|backup|fs|store|keep|repair)\//u;
/** How such a comment says it. */
const ORDER =
  /durabl\w*,? (?:before|when)|(?:before|when)[^.;:]*\b(?:is|are) durable|, in this order|never the last name/iu;
/** What says when something is durable to whoever calls it, or describes a type: the order is kept, and named, elsewhere. */
const TOLD_ELSEWHERE: Readonly<Record<string, string>> = {
  'journal/journal.ts': 'what a journal is: staging.ts and journal-file.ts keep the order',
  'journal/journal-file.ts':
    'what is durable when: staging.ts and carry-out.ts keep the order, and two of its own name theirs',
  'fs/lock.ts': 'the order of a list',
  'journal/entry-table.ts': 'the order of a reading',
  'journal/work.ts': 'the order of a reading',
  'journal/marks.ts': 'what marks say: carry-out.ts keeps the order',
  'fs/atomic-file.ts': 'what publish() promises: its own body names the test',
  'store/store.ts': 'the port: directory-store.ts keeps the order',
};

it('are named by every comment that says what must be durable before what', () => {
  const lacking = [...sources]
    .filter(([file]) => ROOMS.test(file) && TOLD_ELSEWHERE[file] === undefined)
    .flatMap(([file, text]) =>
      commentsOf(text)
        .filter((comment) => ORDER.test(comment) && !comment.includes('.test.ts'))
        .map((comment) => `src/${file}: ${comment.slice(0, 150)}`),
    );
  expect(lacking).toEqual([]);
});
