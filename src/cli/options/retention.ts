/** The options that say what is kept, as those of `restic forget`. */

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { type KeepRules, NO_RULES } from '../../store/retention.ts';
import { parseSpan } from '../../store/span.ts';

interface OptionTaker {
  addOption(option: Option): unknown;
}

const COUNTS = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const ALL = 'unlimited';

/** The rules of one command line. */
export class RetentionReader {
  #rules: KeepRules | undefined;

  addTo(command: OptionTaker): void {
    for (const rule of COUNTS) {
      const what = rule === 'last' ? 'the last N snapshots' : `the last snapshot of each of N ${PERIODS[rule]}`;
      addOption(command, { flags: `--keep-${rule} <n>`, help: `keep ${what}` }, (text) => {
        this.#add({ [rule]: parseCount(text) });
      });
    }
    addOption(
      command,
      { flags: '--keep-within <span>', help: 'keep what is not older than the newest by 14d, 6m, 1y …' },
      (text) => {
        this.#add({ within: parseWithin(text) });
      },
    );
  }

  /** Undefined where no rule was given. */
  rules(): KeepRules | undefined {
    return this.#rules;
  }

  #add(rule: Partial<KeepRules>): void {
    this.#rules = { ...(this.#rules ?? NO_RULES), ...rule };
  }
}

const PERIODS = { hourly: 'hours', daily: 'days', weekly: 'weeks', monthly: 'months', yearly: 'years' } as const;

function parseCount(text: string): number {
  if (text === ALL) {
    return Number.POSITIVE_INFINITY;
  }
  if (!/^[0-9]{1,9}$/u.test(text)) {
    throw new InvalidArgumentError(`It must be a whole number, or ${ALL}.`);
  }
  return Number(text);
}

function parseWithin(text: string): KeepRules['within'] {
  const span = parseSpan(text);
  if (span === undefined) {
    throw new InvalidArgumentError('It must be years, months, days and hours, as 14d or 1y6m.');
  }
  return span;
}

function addOption(
  command: OptionTaker,
  { flags, help }: { readonly flags: string; readonly help: string },
  take: (text: string) => void,
): void {
  command.addOption(new Option(flags, help).helpGroup('What is kept:').argParser(take));
}
