/** What is known of a target before a plan is made: what earlier restores have left and put there, and what stands in it. */

import { OperatorError } from '../errors.ts';
import type { MessageLine } from '../format/catalogue-line.ts';
import type { JournalHead } from '../journal/journal.ts';
import { type Receipt, type Receipts, readReceipts } from '../journal/receipts.ts';
import {
  describeUnfinished,
  type Finished,
  finishJournals,
  foreseeFinish,
  journalsToFinish,
} from '../journal/unfinished.ts';
import type { DirectoryFault } from '../queue/directory-fault.ts';
import { lookAtDirectories } from '../spool/look-at-directories.ts';
import { discoverDepths } from '../spool/spool.ts';
import type { SoughtMessage } from '../spool/target-messages.ts';
import { readTargetState, type TargetState } from '../spool/target-state.ts';
import { carrying, groundOf } from './carrying.ts';
import { finishProgress } from './finish-progress.ts';
import type { RestoreRequest } from './request.ts';
import type { Surroundings } from './surroundings.ts';

/** What is known of a target: its own state, and what earlier restores put into it. */
export interface Survey {
  readonly state: TargetState;
  readonly restoredBefore: (message: MessageLine) => Receipt | undefined;
  /** What became of the messages of interrupted restores, by fingerprint. */
  readonly finished: ReadonlyMap<string, Finished>;
  /** Undefined where it is not known which Postfix works there. */
  readonly directories: readonly DirectoryFault[] | undefined;
}

/**
 * Finishes what an earlier run of this restore has left, then looks at what the target holds. A dry run only tells what
 * would be finished.
 *
 * @throws BusyError: what another restore has left comes first
 * @throws SystemError
 */
export async function survey(surroundings: Surroundings, request: RestoreRequest): Promise<Survey> {
  const { fs, configuration } = surroundings;
  const finished =
    request.options.dryRun === true ? foreseeFinished(surroundings, request) : await finishOwn(surroundings, request);
  const anySender = mayChangeSenders(surroundings, request);
  const receipts = readReceipts(fs, configuration.queueDirectory, { anySender });
  const state = lookAtTarget(surroundings, request);
  return {
    state,
    restoredBefore: (message) => receipts.find(soughtOf(message)),
    finished: withUncertain(finished, receipts),
    directories: directoriesOf(surroundings, request),
  };
}

/** The directories of the configuration's own queue: one that was named may be a part of one, which no Postfix works on yet. */
function directoriesOf(
  { fs, configuration, accounts }: Surroundings,
  { options }: RestoreRequest,
): Survey['directories'] {
  const { queueDirectory, mailOwner, setgidGroup } = configuration;
  return options.queueDirectory === undefined
    ? lookAtDirectories(fs, queueDirectory, {
        uid: accounts.mailOwner(mailOwner).uid,
        setgidGroup: unlessUnknown(() => accounts.setgidGroup(setgidGroup)),
      })
    : undefined;
}

function unlessUnknown(find: () => number): number | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof OperatorError) {
      return undefined;
    }
    throw error;
  }
}

/** A message of the catalogue, as it is looked for in a target. */
export function soughtOf({
  queue_name: queueName,
  fingerprint,
  submission,
  origin,
  sender,
}: MessageLine): SoughtMessage {
  return { queueName, fingerprint, submission, origin, sender };
}

/** With what nobody can tell of, whether Postfix had it: it is named until it is asked for. */
function withUncertain(finished: Survey['finished'], { uncertain }: Receipts): Survey['finished'] {
  const untold = [...uncertain].filter(([fingerprint]) => !finished.has(fingerprint));
  const failure = { kind: 'uncertain' } as const;
  const named = untold.map(([fingerprint, queueId]): [string, Finished] => [
    fingerprint,
    { kind: 'failed', failure, queueId },
  ]);
  return named.length === 0 ? finished : new Map([...finished, ...named]);
}

async function finishOwn(surroundings: Surroundings, request: RestoreRequest): Promise<Survey['finished']> {
  const { control } = surroundings;
  const progress = finishProgress({ ...groundOf(surroundings), control, pace: request.options.pace });
  const { messages: finished } = await finishJournals({
    ...groundOf(surroundings),
    ...carrying(surroundings, request),
    accepts: (head) => isThisRestore(request, head),
    ...(request.options.pace === undefined ? {} : { pace: request.options.pace }),
    onMessage: () => progress.tell(),
  });
  if (finished.size > 0) {
    surroundings.warnings.tell(`an interrupted restore was finished first: ${countDone(finished)} messages`);
  }
  return finished;
}

function countDone(finished: Survey['finished']): number {
  return [...finished.values()].filter(({ kind }) => kind === 'done').length;
}

/** A restore finishes its own interrupted beginning; that of another one it does not touch. */
function foreseeFinished({ fs, configuration, warnings }: Surroundings, request: RestoreRequest): Survey['finished'] {
  const finished = new Map<string, Finished>();
  for (const journal of journalsToFinish(fs, configuration.queueDirectory)) {
    const isOwn = isThisRestore(request, journal.head);
    const what = isOwn
      ? 'this restore finishes it first'
      : 'until it is finished or given up, this restore does nothing';
    warnings.tell(`${describeUnfinished(journal)}; ${what}`);
    for (const [fingerprint, one] of isOwn ? foreseeFinish(fs, journal) : []) {
      finished.set(fingerprint, one);
    }
  }
  return finished;
}

/** What is finished under the name of a restore is that very restore: of the same archive, by the same route. */
function isThisRestore({ archive, options }: RestoreRequest, head: JournalHead): boolean {
  return head.snapshotId === archive.header.snapshot_id && head.into === (options.into ?? 'queues');
}

/** Whether cleanup(8), here or at the source, may have made another sender of one. */
export function mayChangeSenders(
  { configuration }: Pick<Surroundings, 'configuration'>,
  { archive }: Pick<RestoreRequest, 'archive'>,
): boolean {
  const mayChange = (parameters: Readonly<Record<string, string | undefined>>): boolean =>
    ['canonical_maps', 'sender_canonical_maps'].some((name) => (parameters[name] ?? '') !== '');
  return mayChange(archive.header.parameters) || mayChange(configuration.parameters);
}

/** Lists the target, and reads those of its messages that may be of the archive. */
function lookAtTarget(surroundings: Surroundings, request: RestoreRequest): TargetState {
  const { fs, configuration, accounts, clock, warnings } = surroundings;
  const { archive } = request;
  const { queueDirectory, layout, minimalBackoffSeconds } = configuration;
  const spool = { fs, queueDirectory, depths: discoverDepths(fs, queueDirectory, layout) };
  const state = readTargetState(spool, {
    mailOwner: accounts.mailOwner(configuration.mailOwner).uid,
    minimalBackoffMs: minimalBackoffSeconds * 1000,
    clock,
    anySender: mayChangeSenders(surroundings, request),
    sought: () => {
      const sizes = new Set<number>();
      let allLineages = false;
      for (const line of archive.catalogue()) {
        if (line.kind === 'message') {
          sizes.add(line.file_size);
          allLineages ||= line.queue_name === 'maildrop';
        }
      }
      return { sizes, allLineages };
    },
  });
  if (!state.settled) {
    warnings.tell(
      'the target queue never stood still while it was looked at: a message of the archive may be in it unseen, and come twice',
    );
  }
  return state;
}
