/** What is said in several sentences ends as a sentence does. A single one may end as Postfix's own messages do, without a stop. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../../src');
/** What a value stands for: it may be a command, which has no stop. */
const VALUE = '§';
const TWO_SENTENCES = /[a-z)`§]\. [A-Z§]/u;
/** Or it is a command to be typed. */
const END = /[.?!:…`\n)§ ]$|Try: (?:§|postsnap) --help$/u;

/** Comments are passed over, so that an apostrophe in one begins no text. */
const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/gu;

function textsOf(file: string): string[] {
  const tokens = [...readFileSync(join(SOURCE, file), 'utf8').matchAll(TOKEN)];
  return tokens
    .map((token) =>
      token
        .slice(1)
        .join('')
        .replaceAll(/\$\{[^}]*\}/gu, VALUE)
        .replaceAll('\\n', '\n'),
    )
    .filter((text) => TWO_SENTENCES.test(text));
}

test('each sentence ends', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = files.flatMap((file) => textsOf(file).map((text) => ({ file, text })));
  expect(texts.length).toBeGreaterThan(25);
  expect(texts.filter(({ text }) => !END.test(text))).toEqual([]);
});

test('a next step ends', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const steps = files.flatMap((file) => nextStepsOf(file).map((text) => ({ file, text })));
  expect(steps.length).toBeGreaterThan(80);
  expect(steps.filter(({ text }) => text !== '' && !END.test(text))).toEqual([]);
});

/** The texts that stand for `nextStep`. */
function nextStepsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/nextStep:\s*(?:'([^']*)'|`([^`]*)`|"([^"]*)")/gu)].map((match) =>
    match
      .slice(1)
      .join('')
      .replaceAll(/\$\{[^}]*\}/gu, VALUE),
  );
}
