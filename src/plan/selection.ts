/** A selection, compiled: whether a message is chosen, and if not, by which criterion. */

import type { Criteria, CriterionName, SelectableMessage, SelectionOptions, Unmatched } from './criteria.ts';
import { domainOf, isToDo } from './mail-domain.ts';
import { kindOfReason } from './reason-kind.ts';
import { addressTest, reasonTest, type TextTest } from './text-pattern.ts';

type MessageTest = (message: SelectableMessage) => boolean;

interface Compiler {
  readonly criterion: CriterionName;
  /** Undefined where the criterion is not given. */
  readonly compile: (criteria: Criteria, now: number) => MessageTest | Promise<MessageTest> | undefined;
}

/** In the order in which the criteria are asked: what costs least comes first. */
const COMPILERS: readonly Compiler[] = [
  { criterion: 'ids', compile: ({ ids }) => ids && idTest(ids) },
  { criterion: 'queues', compile: ({ queues }) => queues && (({ queue_name }) => queues.includes(queue_name)) },
  { criterion: 'states', compile: ({ states }) => states && (({ state = 'queued' }) => states.includes(state)) },
  { criterion: 'older', compile: ({ older }, now) => ageTest(older, (limit, arrival) => now - arrival > limit) },
  { criterion: 'younger', compile: ({ younger }, now) => ageTest(younger, (limit, arrival) => now - arrival < limit) },
  { criterion: 'before', compile: ({ before }) => arrivalTest(before, (limit, arrival) => arrival < limit) },
  { criterion: 'since', compile: ({ since }) => arrivalTest(since, (limit, arrival) => arrival >= limit) },
  { criterion: 'larger', compile: ({ larger }) => sizeTest(larger, (limit, size) => size > limit) },
  { criterion: 'smaller', compile: ({ smaller }) => sizeTest(smaller, (limit, size) => size < limit) },
  { criterion: 'senderDomains', compile: ({ senderDomains }) => senderDomains && senderDomainTest(senderDomains) },
  {
    criterion: 'recipientDomains',
    compile: ({ recipientDomains }) => recipientDomains && recipientDomainTest(recipientDomains),
  },
  { criterion: 'senders', compile: ({ senders }) => senders && senderTest(senders) },
  { criterion: 'recipients', compile: ({ recipients }) => recipients && recipientTest(recipients) },
  { criterion: 'reasons', compile: ({ reasons }) => reasons && whyTest(reasons) },
  { criterion: 'reasonKinds', compile: ({ reasonKinds }) => reasonKinds && kindTest(reasonKinds) },
];

type Comparison = (limit: number, value: number) => boolean;

function idTest(ids: readonly string[]): MessageTest {
  const named = new Set(ids);
  return ({ queue_id, queue_name }) => named.has(queue_id) || named.has(`${queue_name}/${queue_id}`);
}

function ageTest(seconds: number | undefined, fits: Comparison): MessageTest | undefined {
  return seconds === undefined ? undefined : ({ arrival_time }) => fits(seconds, arrival_time);
}

function arrivalTest(time: number | undefined, fits: Comparison): MessageTest | undefined {
  return time === undefined ? undefined : ({ arrival_time }) => fits(time, arrival_time);
}

function sizeTest(bytes: number | undefined, fits: Comparison): MessageTest | undefined {
  return bytes === undefined ? undefined : ({ message_size }) => fits(bytes, message_size);
}

async function senderTest(patterns: readonly string[]): Promise<MessageTest> {
  const fits = await anyOf(patterns, addressTest);
  return ({ sender }) => fits(sender);
}

async function recipientTest(patterns: readonly string[]): Promise<MessageTest> {
  const fits = await anyOf(patterns, addressTest);
  return ({ recipients }) =>
    recipients.some(({ address, orig_address }) => fits(address) || (orig_address !== undefined && fits(orig_address)));
}

async function whyTest(patterns: readonly string[]): Promise<MessageTest> {
  const fits = await anyOf(patterns, reasonTest);
  const isLike = (reason: string | undefined): boolean => reason !== undefined && fits(reason);
  return ({ recipients }) =>
    recipients.some(({ delay_reason, bounce_reason }) => isLike(delay_reason) || isLike(bounce_reason));
}

/** Domains are compared as they are counted. */
function senderDomainTest(domains: readonly string[]): MessageTest {
  const wanted = new Set(domains.map(domainOf));
  return ({ sender }) => wanted.has(domainOf(sender));
}

function recipientDomainTest(domains: readonly string[]): MessageTest {
  const wanted = new Set(domains.map(domainOf));
  return ({ recipients }) =>
    recipients.some((recipient) => isToDo(recipient) && wanted.has(domainOf(recipient.address)));
}

function kindTest(kinds: readonly string[]): MessageTest {
  const wanted = new Set(kinds.map(kindOfReason));
  const isLike = (reason: string | undefined): boolean => reason !== undefined && wanted.has(kindOfReason(reason));
  return ({ recipients }) =>
    recipients.some(({ delay_reason, bounce_reason }) => isLike(delay_reason) || isLike(bounce_reason));
}

async function anyOf(patterns: readonly string[], compile: (text: string) => Promise<TextTest>): Promise<TextTest> {
  const tests = await Promise.all(patterns.map(compile));
  return (text) => tests.some((test) => test(text));
}

interface CompiledCriterion extends Unmatched {
  readonly holds: MessageTest;
}

/**
 * Compiles what messages are chosen by.
 *
 * @param now seconds since the epoch: ages are counted from it
 * @throws OperatorError `usage`: a pattern is none
 */
export async function compileSelection(options: SelectionOptions, now: number): Promise<Selection> {
  const [only, exclude] = await Promise.all([
    compileCriteria(options.only ?? {}, { excluded: false, now }),
    compileCriteria(options.exclude ?? {}, { excluded: true, now }),
  ]);
  return new Selection([...only, ...exclude], options.only?.ids);
}

async function compileCriteria(
  criteria: Criteria,
  { excluded, now }: { readonly excluded: boolean; readonly now: number },
): Promise<CompiledCriterion[]> {
  const compiled: CompiledCriterion[] = [];
  for (const { criterion, compile } of COMPILERS) {
    const holds = await compile(criteria, now);
    if (holds !== undefined) {
      compiled.push({ criterion, excluded, holds });
    }
  }
  return compiled;
}

const OF_RECIPIENTS: readonly CriterionName[] = ['recipients', 'recipientDomains', 'reasons', 'reasonKinds'];

function isOfRecipients({ criterion }: Unmatched): boolean {
  return OF_RECIPIENTS.includes(criterion);
}

/** What was asked for. It remembers which of the named IDs it has met. */
export class Selection {
  readonly #criteria: readonly CompiledCriterion[];
  /** Named, and not met yet. */
  readonly #missing: Set<string>;
  #isUnsure = false;

  constructor(criteria: readonly CompiledCriterion[], ids: readonly string[] = []) {
    this.#criteria = criteria;
    this.#missing = new Set(ids);
  }

  /** Whether it may leave out anything at all. */
  get isGiven(): boolean {
    return this.#criteria.length > 0;
  }

  /** Why a message is not selected; undefined if it is. */
  whyNot(message: SelectableMessage): Unmatched | undefined {
    this.#meet(message);
    const failed = this.#criteria.find(({ excluded, holds }) => holds(message) === excluded);
    return failed === undefined ? undefined : { criterion: failed.criterion, excluded: failed.excluded };
  }

  has(message: SelectableMessage): boolean {
    return this.whyNot(message) === undefined;
  }

  /** IDs that were named, and that no message has of those it was asked about. */
  missingIds(): string[] {
    return [...this.#missing];
  }

  /** Whether it was asked about recipients of a message whose recipients are not all in the catalogue: those were not searched. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  #meet({ queue_name, queue_id, recipients_omitted }: SelectableMessage): void {
    this.#isUnsure ||= recipients_omitted !== undefined && this.#criteria.some(isOfRecipients);
    if (this.#missing.size > 0) {
      this.#missing.delete(queue_id);
      this.#missing.delete(`${queue_name}/${queue_id}`);
    }
  }
}
