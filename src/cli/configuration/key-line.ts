/** Where a key stands in a text of TOML. The parser tells no lines of keys; it finds them all the same. Pure. */

import { parse, type TomlTable } from 'smol-toml';

/**
 * The line, from 1 on, on which a key begins: the shortest beginning of the text that can be read and has the key ends with
 * its value. What that beginning has more than the one before it is the value, in several lines perhaps.
 *
 * @param text - of which the whole can be read
 * @param path - names from the outermost table on
 * @returns undefined where the text has no such key
 */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  const lines = text.split('\n');
  let readable = 0;
  for (let end = 1; end <= lines.length; end += 1) {
    const table = tryParse(lines.slice(0, end).join('\n'));
    if (table === undefined) {
      continue;
    }
    if (has(table, path)) {
      return firstOf(lines, readable, end);
    }
    readable = end;
  }
  return undefined;
}

function tryParse(text: string): TomlTable | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function has(table: TomlTable, path: readonly string[]): boolean {
  let value: unknown = table;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      return false;
    }
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return true;
}

/** Comments and blank lines before the value are not it. */
function firstOf(lines: readonly string[], from: number, end: number): number {
  const offset = lines.slice(from, end).findIndex((line) => !/^\s*(?:#.*)?$/u.test(line));
  return from + 1 + Math.max(0, offset);
}
