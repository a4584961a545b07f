/** The commands of a chapter of the README, as a reader would paste them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** Its blocks of shell commands in their order, without the indentation of the step that they belong to. */
export function commandsOf(chapter: string): string[] {
  const [, rest] = README.split(new RegExp(`^#+ ${chapter}\n`, 'mu'));
  if (rest === undefined) {
    throw new Error(`the README has no chapter "${chapter}"`);
  }
  const text = rest.split(/^#+ /mu)[0] ?? '';
  const blocks = [...text.matchAll(/^( *)```sh\n(.*?)^ *```$/gmsu)];
  return blocks.map(([, indent = '', commands = '']) => commands.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''));
}
