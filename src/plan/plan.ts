/**
 * The plan of a restore: for each message of the archive where it goes, or why not. Pure: the archive's catalogue, what is
 * known of the target, and the options are all that it knows. It is made once; a dry run and a restore walk the same one.
 */

import type { CatalogueLine, MessageLine } from '../format/catalogue-line.ts';
import { type Knowledge, omit, type PlanOptions, type TargetKnowledge } from './decide.ts';
import { Decider } from './decider.ts';
import type { Decision, OmittedMessage } from './decision.ts';
import type { Finding, FindingCode } from './finding.ts';
import { type Outlook, OutlookSum } from './outlook.ts';
import { Preflight } from './preflight/preflight.ts';
import type { PreflightSettings } from './preflight/rule.ts';
import { successorsIn } from './successors.ts';

/** What a plan is made of. */
export interface PlanBasis {
  readonly archive: {
    /** Gives all lines, in the same order at each call. */
    readonly catalogue: () => Iterable<CatalogueLine>;
    /** Messages of a damaged archive whose content is lost. */
    readonly lost: readonly MessageLine[];
  };
  readonly known: TargetKnowledge;
  readonly options: PlanOptions;
  readonly settings: Omit<PreflightSettings, 'into' | 'queues' | 'releaseHeld' | 'limits'> & {
    /** Whether cleanup(8) may have made another sender of one. */
    readonly anySender: boolean;
  };
}

export interface Plan {
  /** What will be written in all. */
  readonly outlook: Outlook;
  /** What should be known of the messages, before anything is done with them. */
  readonly findings: readonly Finding[];
  /** Messages in the archive, and those that are lost of it. */
  readonly archived: number;
  /** Recipients that are marked done, by the mail log. */
  readonly recipientsDone: number;
  /** The codes of the findings that are true of a message, by its fingerprint. */
  readonly findingsOf: (fingerprint: string) => readonly FindingCode[];
  /** The decisions about all messages, in the order of the catalogue; at will, and the same each time. */
  decisions(): Iterable<Decision>;
  /** Decides as `decisions` does, for who walks the archive by himself, in the order of the catalogue. */
  decider(): Decider;
  /** What becomes of the messages whose content is lost: they are damaged, unless they would be left out anyway. */
  lost(): OmittedMessage[];
}

/**
 * The making of a plan: one walk through the catalogue, on which each decision can be had as well. What left the source takes
 * one walk more before it, where it is wanted.
 */
export class PlanWalk {
  readonly #basis: PlanBasis;
  readonly #known: Knowledge;
  readonly #sum = new OutlookSum();
  readonly #preflight: Preflight;
  readonly #decisions: Generator<Decision>;
  readonly #own: Decider;
  #archived: number;
  #recipientsDone = 0;

  constructor(basis: PlanBasis) {
    const { archive, options, settings } = basis;
    const { into, releaseHeld, limits } = options;
    const wentOn = options.includeLeft ? successorsIn(archive.catalogue(), settings) : (): boolean => false;
    this.#basis = basis;
    this.#known = { ...basis.known, wentOn };
    this.#preflight = new Preflight({ ...settings, into, releaseHeld, limits, ...queuesOf(options) });
    this.#archived = archive.lost.length;
    this.#own = this.#decider();
    this.#decisions = this.#walk();
  }

  /**
   * For who walks the archive by himself, in the order of the catalogue, up to its end: decides about the next line, and adds it
   * up.
   *
   * @returns undefined for a log
   */
  take(line: CatalogueLine): Decision | undefined {
    const decision = line.kind === 'message' ? this.#own.decide(line) : undefined;
    this.#sum.add(line, decision);
    if (decision !== undefined) {
      this.#archived += 1;
      this.#recipientsDone += decision.kind === 'restore' ? decision.recipientsDone : 0;
      this.#preflight.add(decision);
    }
    return decision;
  }

  /** What is left of the walk: each decision, once it is added up. */
  decisions(): Iterable<Decision> {
    return this.#decisions;
  }

  /** As the plan tells it, of the decisions so far. */
  readonly findingsOf: Plan['findingsOf'] = (fingerprint) => this.#preflight.codesOf(fingerprint);

  /** As the plan tells it. */
  lost(): OmittedMessage[] {
    return [...decideAll(this.#basis.archive.lost, this.#decider())].map(asDamaged);
  }

  /** Walks on to the end. */
  finish(): Plan {
    for (const _ of this.#decisions) {
      // Each is added up on the way.
    }
    return this.taken();
  }

  /** The plan of the lines that were taken. */
  taken(): Plan {
    return {
      outlook: this.#sum.outlook(),
      findings: this.#preflight.findings(),
      findingsOf: this.findingsOf,
      archived: this.#archived,
      recipientsDone: this.#recipientsDone,
      decider: () => this.#decider(),
      decisions: () => decideAll(this.#basis.archive.catalogue(), this.#decider()),
      lost: () => this.lost(),
    };
  }

  *#walk(): Generator<Decision> {
    for (const line of this.#basis.archive.catalogue()) {
      const decision = this.take(line);
      if (decision !== undefined) {
        yield decision;
      }
    }
  }

  #decider(): Decider {
    return new Decider(this.#basis.options, this.#known);
  }
}

function queuesOf({ queues }: PlanOptions): Pick<PlanOptions, 'queues'> {
  return queues === undefined ? {} : { queues };
}

function* decideAll(lines: Iterable<CatalogueLine>, decider: Decider): Generator<Decision> {
  for (const line of lines) {
    if (line.kind === 'message') {
      yield decider.decide(line);
    }
  }
}

function asDamaged(decision: Decision): OmittedMessage {
  return decision.kind === 'omit' ? decision : omit(decision.message, 'damaged', { code: 'content-lost' });
}
