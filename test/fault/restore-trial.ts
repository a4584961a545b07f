/** A restore that is interrupted and run again, with Postfix running or not, and what became of the promises. */

import type { FileSystem } from '../../src/fs/file-system.ts';
import { type CrashChoice, crashChoices } from '../support/disk/crash-choice.ts';
import {
  type Call,
  CHANGING_CALLS,
  Crash,
  type CrashMoment,
  Faults,
  faultyFileSystem,
} from '../support/disk/faults.ts';
import type { NameTaker } from '../support/disk/name-taker.ts';
import { seededRandom } from '../support/disk/random.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { snapshotTree } from '../support/disk/tree.ts';
import { DeliveryLedger } from './delivery-ledger.ts';
import { PostfixModel } from './postfix-model.ts';
import { brokenPromises, changed, leftBehind, type Tree } from './restore-promises.ts';
import {
  ARCHIVED,
  type ArchivedMessage,
  HOUR_NS,
  makeWorld,
  QUEUE_DIRECTORY,
  type RestoreOutcome,
  type RestoreSettings,
  runRestore,
} from './restore-world.ts';

/** How Postfix behaves while the restore works. */
export type PostfixHabit =
  /** It takes and delivers all that it can before every call. */
  | { readonly kind: 'eager' }
  /** It takes all that it can before every call, but delivers only in the end. */
  | { readonly kind: 'slow' }
  /** All at once before one call, and not again before the end. */
  | { readonly kind: 'once'; readonly index: number }
  /** One small step before every call, by chance. */
  | { readonly kind: 'by steps'; readonly seed: number };

export interface Interruption {
  readonly index: number;
  readonly moment: CrashMoment;
  /** SIGKILL: the system goes on; otherwise the power is lost, and this stays. */
  readonly how: 'kill' | CrashChoice;
}

export interface Trial extends RestoreSettings {
  readonly wholeSync?: boolean;
  /** Changes the order of the calls: the promises must break. */
  readonly weaken?: (fs: FileSystem) => FileSystem;
  /** Absent: Postfix is stopped. */
  readonly postfix?: PostfixHabit;
  readonly interruptions?: readonly Interruption[];
  readonly intruder?: NameTaker;
}

/** The calls of an undisturbed restore, for going through all of them. */
export async function callsOf(trial: Trial): Promise<readonly Call[]> {
  const faults = new Faults();
  const { weaken = same } = trial;
  await runRestore(weaken(faultyFileSystem(makeDisk(trial), faults)), trial);
  return faults.calls;
}

function makeDisk({ wholeSync = true }: Trial): SimulatedFileSystem {
  return makeWorld({ wholeSync });
}

function same(fs: FileSystem): FileSystem {
  return fs;
}

/** Runs a trial; returns all broken promises. */
export async function attempt(trial: Trial): Promise<string[]> {
  const messages = trial.messages ?? ARCHIVED;
  const ledger = new DeliveryLedger(messages);
  let disk = makeDisk(trial);
  const before = snapshotTree(disk, QUEUE_DIRECTORY);
  const settings = { settlesRenames: trial.wholeSync === false || trial.postfix?.kind === 'by steps' };
  let postfix = new PostfixModel(disk, ledger, settings);
  for (const interruption of trial.interruptions ?? []) {
    await run(trial, { disk, postfix, interruption }).catch(() => undefined);
    disk.endProcess();
    if (interruption.how !== 'kill') {
      disk = disk.afterCrash(interruption.how);
      ledger.powerLost(snapshotTree(disk, QUEUE_DIRECTORY));
      postfix = new PostfixModel(disk, ledger, settings);
      if (trial.postfix !== undefined) {
        // The administrator comes back late; Postfix starts before the restore is run again.
        postfix.time += 11n * HOUR_NS;
        postfix.start();
        if (trial.postfix.kind === 'slow') {
          postfix.take();
        } else {
          postfix.drain();
        }
      }
    }
  }
  try {
    const outcome = await run(trial, { disk, postfix });
    const again = await runRestore(disk, trial);
    const repeated = again.staged === 0 ? [] : [`P3: ${again.staged} messages were restored once more`];
    const replaced = trial.intruder?.broken(snapshotTree(disk, QUEUE_DIRECTORY)) ?? [];
    return [...lostOf(outcome), ...repeated, ...replaced, ...judge({ trial, messages, disk, before, postfix, ledger })];
  } catch (error) {
    return [...ledger.complaints, `the restore could not be finished: ${String(error)}`];
  }
}

/** Nobody removes mail here: a message of which the restore says that it vanished was lost by the restore itself. */
function lostOf(outcome: RestoreOutcome | undefined): string[] {
  const failed = [...(outcome?.failed ?? [])].filter(([, { kind }]) => kind !== 'uncertain');
  return [
    ...(outcome === undefined || outcome.lost === 0 ? [] : [`P2: ${outcome.lost} messages were lost`]),
    ...failed.map(([content, failure]) => `P2: "${content}" was not restored: ${JSON.stringify(failure)}`),
  ];
}

interface Run {
  readonly disk: SimulatedFileSystem;
  readonly postfix: PostfixModel;
  readonly interruption?: Interruption;
}

async function run(trial: Trial, { disk, postfix, interruption }: Run): Promise<RestoreOutcome | undefined> {
  const faults = new Faults();
  if (interruption !== undefined) {
    faults.crashAt(interruption.index, interruption.moment);
  }
  if (trial.postfix !== undefined) {
    faults.beforeCall(habit(trial.postfix, postfix));
  }
  const { weaken = same, intruder } = trial;
  if (intruder !== undefined) {
    faults.beforeCall((call) => intruder.act(call, disk));
  }
  try {
    return await runRestore(weaken(faultyFileSystem(disk, faults)), trial);
  } catch (error) {
    if (!(error instanceof Crash)) {
      throw error;
    }
    return undefined;
  }
}

function habit(kind: PostfixHabit, postfix: PostfixModel): (call: Call) => void {
  switch (kind.kind) {
    case 'eager':
    case 'slow': {
      // Between two calls that only look there is nothing new for it.
      const act = (): void => (kind.kind === 'eager' ? postfix.drain() : postfix.take());
      let isNew = true;
      return ({ name }) => {
        if (isNew) {
          act();
        }
        isNew = CHANGING_CALLS.has(name);
      };
    }
    case 'once':
      return ({ index }) => {
        if (index === kind.index) {
          postfix.purge();
          postfix.drain();
        }
      };
    case 'by steps': {
      const random = seededRandom(kind.seed);
      return () => postfix.step(random());
    }
  }
}

interface Outcome {
  readonly trial: Trial;
  readonly messages: readonly ArchivedMessage[];
  readonly disk: SimulatedFileSystem;
  readonly before: Tree;
  readonly postfix: PostfixModel;
  readonly ledger: DeliveryLedger;
}

function judge({ trial, messages, disk, before, postfix, ledger }: Outcome): string[] {
  if (trial.postfix === undefined) {
    return [...brokenPromises(disk, before, messages), ...notTheirs(disk, trial)];
  }
  // Long enough for everything that is deferred to be due, and for whatever was left unready to be purged.
  postfix.time += 48n * HOUR_NS;
  postfix.drain();
  postfix.drain();
  const tree = snapshotTree(disk, QUEUE_DIRECTORY);
  const lost = ledger.undelivered().filter((message) => message.queueName !== 'hold');
  const held = messages.filter((message) => message.queueName === 'hold');
  return [
    ...ledger.complaints,
    ...changed(before, tree),
    ...leftBehind(tree),
    ...lost.map(({ content }) => `P2: "${content}" was never delivered`),
    ...held.flatMap((message) => brokenPromises(disk, new Map(), [message])),
    ...unready(tree, ledger),
    ...(ledger.powerWasLost ? [] : orphans(tree, before)),
  ];
}

/** Submissions that are not their submitter's. */
function notTheirs(disk: SimulatedFileSystem, { submitter }: Trial): string[] {
  const files = [...snapshotTree(disk, QUEUE_DIRECTORY)].filter(([path]) => path.startsWith('maildrop/'));
  return files
    .filter(([, { uid }]) => uid !== (submitter?.uid ?? 0))
    .map(([path, { uid }]) => `P5: ${path} is of ${uid}`);
}

/**
 * Messages that nobody will ever take. Not what Postfix has delivered: where neither its removal nor the ready bit was
 * durable, a power loss brings the file back as it was.
 */
function unready(tree: Tree, ledger: DeliveryLedger): string[] {
  const files = [...tree].filter(([path, { type, mode, content = '' }]) => {
    const isBack = ledger.powerWasLost && ledger.wasDelivered(content);
    return (
      type === 'file' &&
      !isBack &&
      /^(?:maildrop|incoming|active|deferred|hold)\//.test(path) &&
      (mode & 0o700) !== 0o700
    );
  });
  return files.map(([path]) => `P4: ${path} was never made ready`);
}

/** Logs that no message stands by; after a power loss they may be Postfix's own doing. */
function orphans(tree: Tree, before: Tree): string[] {
  const names = [...tree.keys()].filter((path) => /^(?:maildrop|incoming|active|deferred|hold)\//.test(path));
  const owners = new Set(names.map((path) => path.slice(path.lastIndexOf('/') + 1)));
  const logs = [...tree].filter(([path, { type }]) => type === 'file' && /^(?:defer|bounce|trace)\//.test(path));
  const orphaned = logs.filter(([path]) => !before.has(path) && !owners.has(path.slice(path.lastIndexOf('/') + 1)));
  return orphaned.map(([path]) => `P4: ${path} stands by no message`);
}

/** Every interruption at one call that makes a difference. */
export function interruptionsAt(call: Call, choices: readonly ('kill' | CrashChoice)[]): Interruption[] {
  const moments: CrashMoment[] = call.name === 'write' ? ['before', 'during', 'after'] : ['before', 'after'];
  return moments.flatMap((moment) => choices.map((how) => ({ index: call.index, moment, how })));
}

/** Names that were removed are gone, and nothing else is on disk. */
const onlyRemovals: CrashChoice = {
  title: 'only removals',
  keeps: ({ kind }) => kind === 'remove',
  keptBytes: (length) => length,
};

/** Names that were removed are back: btrfs may lose an unlink, and keep a later chmod. */
const noRemovals: CrashChoice = {
  title: 'everything but removals',
  keeps: ({ kind }) => kind !== 'remove',
  keptBytes: (length) => length,
};

/** SIGKILL, the extremes of a power loss, and so many seeded ones. */
export function endings(seeds: number): ('kill' | CrashChoice)[] {
  return ['kill', ...crashChoices(seeds), onlyRemovals, noRemovals];
}

export function describeInterruption({ index, moment, how }: Interruption, calls: readonly Call[]): string {
  const call = calls[index];
  const what = call === undefined ? 'end' : `${call.name} ${call.paths.join(' ')}`;
  return `${how === 'kill' ? 'killed' : `power lost (${how.title})`} ${moment} call ${index} (${what})`;
}
