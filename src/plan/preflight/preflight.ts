/** Puts the decisions of a plan to all rules, and adds up what they find. */

import type { MessageLine } from '../../format/catalogue-line.ts';
import { DigestTable } from '../../table/digest-table.ts';
import type { Decision } from '../decision.ts';
import type { Finding, FindingCode, FindingExample } from '../finding.ts';
import { inPlaceRules } from './in-place.ts';
import { maildropRules } from './maildrop.ts';
import { modeRules } from './mode.ts';
import { releaseRules } from './release.ts';
import type { PreflightSettings, Rule } from './rule.ts';
import { sinceRules } from './since.ts';
import { targetRules } from './target.ts';

const EXAMPLES = 5;

export class Preflight {
  readonly #sums: readonly RuleSum[];
  /** Of the messages that something was found of: the rules, as bits. */
  readonly #marks = new DigestTable();
  /** The codes by the bits. */
  readonly #codes = new Map<number, readonly FindingCode[]>([[0, []]]);

  constructor(settings: PreflightSettings) {
    const rules = [
      inPlaceRules(settings),
      maildropRules(settings),
      modeRules(),
      releaseRules(settings),
      sinceRules(),
      targetRules(settings),
    ].flat();
    this.#sums = rules.map((rule) => new RuleSum(rule));
  }

  add(decision: Decision): void {
    let marks = 0;
    let mark = 1;
    for (const sum of this.#sums) {
      marks |= sum.add(decision) ? mark : 0;
      mark <<= 1;
    }
    if (marks !== 0) {
      this.#marks.set(decision.message.fingerprint, marks);
    }
  }

  /** What was found so far, rule by rule. */
  findings(): Finding[] {
    return this.#sums.filter(({ messages }) => messages > 0).map((sum) => sum.finding());
  }

  /** The codes of what was found of a message. */
  codesOf(fingerprint: string): readonly FindingCode[] {
    const marks = this.#marks.get(fingerprint) ?? 0;
    const codes =
      this.#codes.get(marks) ?? this.#sums.filter((_, number) => (marks & (1 << number)) !== 0).map(({ code }) => code);
    this.#codes.set(marks, codes);
    return codes;
  }
}

class RuleSum {
  readonly #rule: Rule;
  readonly #examples: FindingExample[] = [];
  #bytes = 0;
  #highest = Number.NEGATIVE_INFINITY;
  messages = 0;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  get code(): FindingCode {
    return this.#rule.facts.code;
  }

  /** Returns whether the rule is true of it. */
  add(decision: Decision): boolean {
    if (!this.#rule.concerns(decision)) {
      return false;
    }
    this.#count(decision.message);
    this.#highest = Math.max(this.#highest, this.#rule.measured?.measure(decision) ?? 0);
    return true;
  }

  #count({ queue_name, queue_id, file_size }: MessageLine): void {
    this.messages += 1;
    this.#bytes += file_size;
    if (this.#examples.length < EXAMPLES) {
      this.#examples.push({ queue_name, queue_id });
    }
  }

  finding(): Finding {
    const { severity, facts, measured } = this.#rule;
    return {
      ...(measured?.facts(this.#highest) ?? facts),
      severity,
      messages: this.messages,
      bytes: this.#bytes,
      examples: this.#examples,
    };
  }
}
