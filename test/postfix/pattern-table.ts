import { join } from 'node:path';

/** A table of regular expressions as main.cf names it. It is a file: before Postfix 3.7, main.cf itself can hold none. */
export function patternTable(name: string): string {
  return `regexp:${join(import.meta.dirname, 'tables', name)}`;
}
