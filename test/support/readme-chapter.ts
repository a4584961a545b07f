/** The commands of a chapter of the README or of another document, as a reader would paste them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Its blocks of shell commands in their order, without the indentation of the step that they belong to. */
export function commandsOf(chapter: string, document = 'README.md'): string[] {
  const [, rest] = readFileSync(join(ROOT, document), 'utf8').split(new RegExp(`^#+ ${chapter}\n`, 'mu'));
  if (rest === undefined) {
    throw new Error(`${document} has no chapter "${chapter}"`);
  }
  const text = rest.split(/^#+ /mu)[0] ?? '';
  const blocks = [...text.matchAll(/^( *)```sh\n(.*?)^ *```$/gmsu)];
  return blocks.map(([, indent = '', commands = '']) => commands.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''));
}
