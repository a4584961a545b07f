/** The commands beside the numbers of a page: each lists just the messages that its number counts. */

import type { Criteria, SelectionOptions } from '../../plan/criteria.ts';
import { selectionWords } from '../options/selection.ts';
import { shellLine } from '../output/shell-words.ts';
import type { PageWords } from './page-words.ts';

export interface ListWordsParts {
  /** The words that name the archive. */
  readonly archive: readonly string[];
  /** Selects what the page counts in all: what {@link PageWords.options} adds to. */
  readonly all: SelectionOptions;
  readonly now: number;
  readonly diff?: string | undefined;
  readonly restore?: string | undefined;
}

export function listWords({ archive, all, now, diff, restore }: ListWordsParts): PageWords {
  return {
    list: (selection) =>
      selection === null ? undefined : shellLine(['postsnap', 'list', ...archive, ...selectionWords(selection)]),
    options: (selection) =>
      selection === null
        ? undefined
        : shellLine(selectionWords({ only: beyond(selection.only ?? {}, all.only ?? {}) })),
    diff,
    restore,
    now,
  };
}

/** The criteria that are not those of all. */
function beyond(criteria: Criteria, all: Criteria): Criteria {
  const known = new Map<string, unknown>(Object.entries(all));
  return Object.fromEntries(
    Object.entries(criteria).filter(([name, value]) => JSON.stringify(known.get(name)) !== JSON.stringify(value)),
  );
}
