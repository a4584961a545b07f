/** Puts the decisions of a plan to all rules, and adds up what they find. */

import type { MessageLine } from '../../format/catalogue-line.ts';
import type { Decision } from '../decision.ts';
import type { Finding, FindingExample } from '../finding.ts';
import { inPlaceRules } from './in-place.ts';
import { maildropRules } from './maildrop.ts';
import { modeRules } from './mode.ts';
import { releaseRules } from './release.ts';
import type { PreflightSettings, Rule } from './rule.ts';

const EXAMPLES = 5;

export class Preflight {
  readonly #sums: readonly RuleSum[];

  constructor(settings: PreflightSettings) {
    const rules = [inPlaceRules(settings), maildropRules(settings), modeRules(), releaseRules(settings)].flat();
    this.#sums = rules.map((rule) => new RuleSum(rule));
  }

  add(decision: Decision): void {
    for (const sum of this.#sums) {
      sum.add(decision);
    }
  }

  /** What was found so far, rule by rule. */
  findings(): Finding[] {
    return this.#sums.filter(({ messages }) => messages > 0).map((sum) => sum.finding());
  }
}

class RuleSum {
  readonly #rule: Rule;
  readonly #examples: FindingExample[] = [];
  #bytes = 0;
  messages = 0;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  add(decision: Decision): void {
    if (this.#rule.concerns(decision)) {
      this.#count(decision.message);
    }
  }

  #count({ queue_name, queue_id, file_size }: MessageLine): void {
    this.messages += 1;
    this.#bytes += file_size;
    if (this.#examples.length < EXAMPLES) {
      this.#examples.push({ queue_name, queue_id });
    }
  }

  finding(): Finding {
    const { severity, facts } = this.#rule;
    return { ...facts, severity, messages: this.messages, bytes: this.#bytes, examples: this.#examples };
  }
}
