/**
 * What a function throws is told in one way: a tag for each class of error, at the beginning of a line, `CLASS`, then the
 * codes that it may have, then after a colon when. What others throw is told in words.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../src');
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/u.test(name));
const textOf = (file: string): string => readFileSync(join(SOURCE, file), 'utf8');

/** `CLASS`, `CLASS: when`, `CLASS \`code\`: when; \`another\`: when`, or words. */
const WITH_CLASS = /^[A-Z]\w+(?:: [^`].*| `[a-z-]+`(?:(?:, |: [^`]+; |; )`[a-z-]+`)*(?:: .+)?)?$/u;
const IN_WORDS = /^(?:what|as|the error of) /u;
const CLASS = /\b(?:Archive|Operator|Busy|System|Interrupted)Error\b/gu;

interface Tag {
  readonly file: string;
  readonly text: string;
}

const tags = files.flatMap((file) =>
  [...textOf(file).matchAll(/@throws\s+(.*?)(?=\n\s*\*\s*@|\s*\*\/|\n\s*\*\s*\n)/gsu)].map(
    ([, text = '']): Tag => ({ file, text: text.replace(/\s*\n\s*\* ?/gu, ' ') }),
  ),
);

it('is read from the comments', () => {
  expect(tags.length).toBeGreaterThan(150);
});

it('is told in one way', () => {
  const odd = tags.filter(({ text }) => {
    const classes = text.match(CLASS) ?? [];
    return IN_WORDS.test(text) ? classes.length > 0 : !WITH_CLASS.test(text) || classes.length > 1;
  });
  expect(odd.map(({ file, text }) => `src/${file}: @throws ${text}`)).toEqual([]);
});

it('names codes that there are', () => {
  const codes = textOf('errors.ts');
  const unknown = tags.flatMap(({ file, text }) =>
    [...text.matchAll(/`([a-z-]+)`/gu)]
      .filter(([, code = '']) => text.match(CLASS) !== null && code.includes('-') && !codes.includes(`'${code}'`))
      .map(([code]) => `src/${file}: @throws ${code}`),
  );
  expect(unknown).toEqual([]);
});

it('stands at the beginning of a line', () => {
  const inside = files.filter((file) => /^(?!\s*(?:\/\*)?\*+ @throws).*@throws/mu.test(textOf(file)));
  expect(inside).toEqual([]);
});
