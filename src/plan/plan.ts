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

/** Makes the plan; the catalogue is read once, and once more where what left the source is wanted. */
export function createPlan(basis: PlanBasis): Plan {
  const { archive, options } = basis;
  const wentOn = options.includeLeft ? successorsIn(archive.catalogue(), basis.settings) : (): boolean => false;
  const known: Knowledge = { ...basis.known, wentOn };
  const decider = (): Decider => new Decider(options, known);
  return {
    ...lookAhead(basis, decider()),
    decider,
    decisions: () => decideAll(archive.catalogue(), decider()),
    lost: () => [...decideAll(archive.lost, decider())].map(asDamaged),
  };
}

function lookAhead(
  { archive, options, settings }: PlanBasis,
  decider: Decider,
): Pick<Plan, 'outlook' | 'findings' | 'findingsOf' | 'archived' | 'recipientsDone'> {
  let archived = archive.lost.length;
  let recipientsDone = 0;
  const sum = new OutlookSum();
  const { into, releaseHeld, limits } = options;
  const preflight = new Preflight({ ...settings, into, releaseHeld, limits, ...queuesOf(options) });
  for (const line of archive.catalogue()) {
    const decision = line.kind === 'message' ? decider.decide(line) : undefined;
    sum.add(line, decision);
    if (decision !== undefined) {
      archived += 1;
      recipientsDone += decision.kind === 'restore' ? decision.recipientsDone : 0;
      preflight.add(decision);
    }
  }
  return {
    outlook: sum.outlook(),
    findings: preflight.findings(),
    findingsOf: (fingerprint) => preflight.codesOf(fingerprint),
    archived,
    recipientsDone,
  };
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
