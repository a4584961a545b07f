import { randomBytes } from 'node:crypto';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { MessageLine } from '../format/catalogue-line.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { JournalOwner } from '../journal/journal.ts';
import type { Finished } from '../journal/pending.ts';
import type { SubmissionService } from '../journal/submission.ts';
import type { Failure } from '../journal/work.ts';
import type { OperationControl } from '../operation.ts';
import type { PlanOptions, TargetKnowledge } from '../plan/decide.ts';
import { createPlan, type Plan } from '../plan/plan.ts';
import type { QueueTimes } from '../plan/preflight/rule.ts';
import type { Reason } from '../plan/reason.ts';
import type { Selection } from '../plan/selection.ts';
import type { Accounts } from '../postfix/accounts.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import { parseTimeValue } from '../postfix/time-value.ts';
import type { TargetState } from '../spool/target-state.ts';
import type { RestoreOptions, RestoreOutset } from './options.ts';

/** One restore: what it reads, where it writes, and what it has of the world outside. */
export interface RestoreSession {
  readonly fs: FileSystem;
  readonly archive: Pick<ArchiveReader, 'header' | 'seal' | 'catalogue' | 'runs'>;
  /** Messages of a damaged archive that are known to be lost. */
  readonly lost: readonly MessageLine[];
  /** Bytes of a damaged archive of which nobody knows what they held. */
  readonly unaccountedBytes: number;
  readonly options: RestoreOptions;
  /** What the options choose; all when absent. */
  readonly selection?: Selection;
  readonly control: OperationControl;
  readonly configuration: PostfixConfiguration;
  readonly accounts: Accounts;
  /** Only where postsnap is root, and only root can change the queue directory. */
  readonly submissions?: SubmissionService;
  readonly now: () => Date;
  /** Milliseconds, from any start, that never go back. */
  readonly clock: () => number;
  /** Another text at each call, fit for a file name. */
  readonly randomName: () => string;
  /** Whether Postfix works on the queue; undefined where it can't be told. */
  readonly running?: boolean;
  /** Warnings so far; each was told when it arose. */
  readonly warnings: string[];
}

/** Clock and chance of this process. */
export function systemEnvironment(): Pick<RestoreSession, 'now' | 'clock' | 'randomName'> {
  return {
    now: () => new Date(),
    clock: () => performance.now(),
    randomName: () => randomBytes(6).toString('hex'),
  };
}

/** Tells a warning, and keeps it for the report. */
export function warn({ warnings, control }: RestoreSession, message: string): void {
  if (!warnings.includes(message)) {
    warnings.push(message);
    control.onEvent?.({ kind: 'warning', message });
  }
}

function planOptionsOf({ options, selection }: RestoreSession): PlanOptions {
  const { into, includeLeft, releaseHeld, again, retryNow } = options;
  const queues = options.queues ?? options.selection?.only?.queues;
  return {
    into: into ?? 'queues',
    includeLeft: includeLeft === true,
    releaseHeld: releaseHeld === true,
    again: again === true,
    retryNow: retryNow === true,
    ...(queues === undefined ? {} : { queues: new Set(queues) }),
    ...(selection === undefined ? {} : { selection }),
  };
}

/** What is known of a target: its own state, and what earlier restores put into it. */
export interface KnownTarget {
  readonly state: TargetState;
  readonly restoredBefore: (message: MessageLine) => boolean;
  /** What became of the messages of interrupted restores, by fingerprint. */
  readonly finished: ReadonlyMap<string, Finished>;
}

/** Whether cleanup(8), here or at the source, may have made another sender of one. */
export function mayChangeSenders({ archive, configuration }: RestoreSession): boolean {
  const mayChange = (parameters: Readonly<Record<string, string | undefined>>): boolean =>
    ['canonical_maps', 'sender_canonical_maps'].some((name) => (parameters[name] ?? '') !== '');
  return mayChange(archive.header.parameters) || mayChange(configuration.parameters);
}

/** Makes the plan, and tells what should be known of it. */
export function makePlan(session: RestoreSession, { state, restoredBefore, finished }: KnownTarget): Plan {
  const { archive, lost, options, configuration, now } = session;
  const plan = createPlan({
    archive: { catalogue: () => archive.catalogue(), lost },
    known: { find: state.find, restoredBefore, ...finishedIn(finished) },
    options: planOptionsOf(session),
    settings: {
      parameters: configuration.parameters,
      times: queueTimes(configuration, now()),
      anySender: mayChangeSenders(session),
    },
  });
  options.onPlan?.(outsetOf(session, { plan, state }));
  return plan;
}

function queueTimes({ parameters }: PostfixConfiguration, now: Date): QueueTimes {
  const seconds = (text: string, unit: string): number => parseTimeValue(text, unit) ?? Number.POSITIVE_INFINITY;
  return {
    now: Math.floor(now.getTime() / 1000),
    lifetime: seconds(parameters.maximal_queue_lifetime, 'd'),
    bounceLifetime: seconds(parameters.bounce_queue_lifetime, 'd'),
    backoff: seconds(parameters.maximal_backoff_time, 's'),
  };
}

/** What is told of a restore before anything is done. */
export function outsetOf(
  { archive, configuration, running }: RestoreSession,
  { plan, state }: { readonly plan: Plan; readonly state: TargetState },
): RestoreOutset {
  const { myhostname, instance, started } = archive.header;
  const { queueDirectory, mailVersion, parameters } = configuration;
  return {
    archive: { myhostname, instance, started, finished: archive.seal.finished, messages: plan.archived },
    target: {
      queue_directory: queueDirectory,
      instance: parameters.multi_instance_name === '' ? '-' : parameters.multi_instance_name,
      mail_version: mailVersion,
      running: running ?? null,
      messages: state.messages,
    },
    findings: plan.findings,
  };
}

function finishedIn(finished: KnownTarget['finished']): Pick<Required<TargetKnowledge>, 'finishedNow' | 'notFinished'> {
  return {
    finishedNow: (fingerprint) => {
      const one = finished.get(fingerprint);
      return one?.kind === 'done' ? one.place : undefined;
    },
    notFinished: (fingerprint) => {
      const one = finished.get(fingerprint);
      return one?.kind === 'failed' ? reasonOf(one.failure, one.queueId) : undefined;
    },
  };
}

/** Why a message could not be put into its queue. */
export function reasonOf(failure: Failure, queueId: string): Reason {
  switch (failure.kind) {
    case 'lost':
      return { code: 'vanished' };
    case 'uncertain':
      return { code: 'vanished-perhaps-delivered', queueId };
    case 'stuck':
      return { code: 'not-placed', obstacle: failure.reason };
  }
}

/**
 * The submitter of a genuine submission: by name, else by number (postdrop(1) leaves the file his, in the group
 * setgid_group). Root gives nothing to root; without the right to give files away it stays mail_owner's, and a genuine
 * submission by its mode all the same.
 */
export function ownerOf(
  { submissions, accounts, configuration }: RestoreSession,
  message: MessageLine,
): JournalOwner | undefined {
  if (submissions === undefined) {
    return undefined;
  }
  const uid = uidOf(accounts, message);
  return uid === 0 ? undefined : { uid, gid: accounts.setgidGroup(configuration.setgidGroup) };
}

function uidOf(accounts: Accounts, { uname, uid }: MessageLine): number {
  if (uname !== undefined) {
    try {
      return accounts.user(uname).uid;
    } catch {
      // This system knows no such user: the number is what is left.
    }
  }
  return uid;
}
