/**
 * Mends a queue, with the rights of its owner and the lock held: it finishes what was cut off, looks, mends owners and modes,
 * looks again, then gives names. Each step can be done again by the next run. (test/fault/repair-crash.test.ts)
 */

import type { FileSystem } from '../fs/file-system.ts';
import { isRepair, type JournalEntry } from '../journal/journal.ts';
import { relabelFor } from '../journal/relabel.ts';
import { removeStagingDirectory } from '../journal/staging-directory.ts';
import { finishJournals } from '../journal/unfinished.ts';
import type { OperationControl } from '../operation.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import type { QueueOwners } from '../queue/rights.ts';
import type { ExaminationLimits } from '../record/examine.ts';
import type { QueueMending } from '../rights/root-mend.ts';
import { CorruptNotes } from './corrupt-notes.ts';
import { type Diagnosis, diagnose, leftoverFinding } from './diagnose.ts';
import { diagnoseDirectories } from './directories.ts';
import type { QueueFacts } from './facts.ts';
import { type Finding, type FindingCode, PART_OF, type RepairPart } from './finding.ts';
import { leftoversOf, lookOver } from './look.ts';
import { mendRights } from './mend.ts';
import { moveLogs, removeOrphan } from './mend-logs.ts';
import type { RepairOutcome, RepairReport } from './options.ts';
import { failureText, renameMessages } from './rename.ts';
import { removeStrayDirectories } from './stray-directories.ts';

/** Plain data. */
export interface RepairSetup {
  readonly configuration: Pick<PostfixConfiguration, 'queueDirectory' | 'layout' | 'enableLongQueueIds' | 'parameters'>;
  readonly owners: QueueOwners;
  readonly dryRun: boolean;
  readonly parts: ReadonlySet<RepairPart>;
  readonly removesOrphans: boolean;
}

/** What a repair has of the world outside. */
export interface RepairSurroundings {
  readonly fs: FileSystem;
  readonly control: OperationControl;
  /** Absent: nobody can change owners. */
  readonly mending: QueueMending | undefined;
  readonly tell: (outcome: RepairOutcome) => void;
  readonly now: () => Date;
  /** Another text at each call, fit for a file name. */
  readonly randomName: () => string;
}

type Surroundings = RepairSurroundings;

export type RepairWorkReport = Pick<RepairReport, 'checked' | 'finished'>;

/** What was seen, and what is wrong with it. */
export interface Look {
  readonly facts: QueueFacts;
  readonly directories: readonly Finding[];
  readonly diagnosis: Diagnosis;
}

/** Looks over a queue; nothing is changed. */
export function look(setup: RepairSetup, { fs }: Pick<Surroundings, 'fs'>): Look {
  const { configuration, owners, parts, removesOrphans } = setup;
  const { queueDirectory, layout, enableLongQueueIds } = configuration;
  const facts = lookOver({
    fs,
    queueDirectory,
    parts,
    plain: { layout, enableLongQueueIds, owners },
    limits: limitsOf(setup),
  });
  // The owners and modes of the queues' own directories are root's to look at (repair.ts), before this.
  const isMeant = ({ path, code }: Finding): boolean => path.includes('/') || code === 'unlistable-directory';
  const directories = parts.has('directories') ? diagnoseDirectories(facts.directories, owners).filter(isMeant) : [];
  const ground = { owners, layout, enableLongQueueIds, parts, removesOrphans };
  return { facts, directories, diagnosis: diagnose(facts, ground) };
}

function limitsOf({ configuration: { parameters } }: RepairSetup): ExaminationLimits {
  return {
    lineLengthLimit: Number(parameters.line_length_limit),
    attributeCountLimit: Number(parameters.queue_file_attribute_count_limit),
  };
}

function notesOn(setup: RepairSetup, { fs, now }: Surroundings): CorruptNotes {
  const { queueDirectory, layout } = setup.configuration;
  return new CorruptNotes({ fs, queueDirectory, layout, limits: limitsOf(setup), now });
}

/** Files and hash directories. */
export function countOf({ files, plain, directories }: QueueFacts): number {
  return files.length + plain.count + directories.length;
}

/** Mends what is wrong with a queue. */
export async function mendQueue(setup: RepairSetup, surroundings: Surroundings): Promise<RepairWorkReport> {
  const { finished, isUnfinished } = await finishBefore(setup, surroundings);
  if (isUnfinished) {
    // Their ready bits and times are in that journal: another one would take what they are now for what they were.
    return { checked: 0, finished };
  }
  const first = mendHashDirectories(setup, surroundings);
  const second = mendFiles(setup, surroundings, first);
  await giveNames(setup, surroundings, second);
  return { checked: countOf(second.facts), finished };
}

/** @throws BusyError `restore-unfinished`: a restore waits: what it has placed is not ready, and must not be mended */
async function finishBefore(
  setup: RepairSetup,
  surroundings: Surroundings,
): Promise<{ readonly finished: number; readonly isUnfinished: boolean }> {
  const { configuration } = setup;
  const { fs, control, now, tell } = surroundings;
  const notes = notesOn(setup, surroundings);
  const relabel = relabelFor({ fs });
  const leftovers = leftoversOf({ fs, queueDirectory: configuration.queueDirectory });
  const { messages, unfinished } = await finishJournals({
    ...configuration,
    fs,
    accepts: isRepair,
    now,
    onMessage: (entry, outcome) => {
      if (outcome.kind === 'failed') {
        const { failure } = outcome;
        const finding = findingOf(entry, failure.kind === 'stuck' ? 'waiting' : 'gone');
        tell({ finding, done: false, failure: failureText(failure) });
      } else {
        notes.addMoved(entry);
      }
    },
    ...(relabel === undefined ? {} : { relabel }),
    ...(control.signal === undefined ? {} : { signal: control.signal }),
  });
  for (const path of leftovers) {
    tell({ finding: leftoverFinding(path), done: true });
  }
  const finished = [...messages.values()].filter(({ kind }) => kind === 'done').length;
  return { finished, isUnfinished: unfinished > 0 };
}

function findingOf({ from, queueName, queueId, newQueueName, newQueueId }: JournalEntry, code: FindingCode): Finding {
  const detail = 'its repair was cut off';
  return { code, action: 'rename', path: from, queueName, queueId, newQueueName, newQueueId, detail };
}

/** Directories first: what is in them can't be looked at before. Of each level in turn. */
function mendHashDirectories(setup: RepairSetup, surroundings: Surroundings): Look {
  const { mending, fs, tell } = surroundings;
  const tried = new Set<string>();
  for (;;) {
    const seen = look(setup, surroundings);
    const wrong = seen.directories.filter(({ path }) => !tried.has(path));
    if (wrong.length === 0) {
      return seen;
    }
    for (const finding of wrong) {
      tried.add(finding.path);
      const inode = fs.lstat(`${setup.configuration.queueDirectory}/${finding.path}`)?.inode ?? 0n;
      const request = { kind: 'directory', path: finding.path, inode, makesReady: false } as const;
      if (finding.action === 'none') {
        tell({ finding, done: false });
        continue;
      }
      const failure = mending === undefined ? 'EPERM' : mending(request);
      tell(failure === undefined ? { finding, done: true } : { finding, done: false, failure });
    }
  }
}

function mendFiles(setup: RepairSetup, surroundings: Surroundings, { diagnosis, ...seen }: Look): Look {
  const { fs, mending, tell } = surroundings;
  const { configuration, owners } = setup;
  const ground = { fs, queueDirectory: configuration.queueDirectory, mailOwner: owners.uid, mending };
  const failures = new Map<string, string>();
  for (const order of diagnosis.rights) {
    const failure = mendRights(ground, order);
    if (failure !== undefined) {
      failures.set(order.file.path, failure);
    }
  }
  for (const finding of diagnosis.findings.filter(isOfRights)) {
    const failure = failures.get(finding.path);
    const isDone = finding.action !== 'none' && failure === undefined;
    tell({ finding, done: isDone, ...(failure === undefined ? {} : { failure }) });
  }
  // Nothing was changed: what was seen is what is there.
  return diagnosis.rights.length === 0 ? { ...seen, diagnosis } : look(setup, surroundings);
}

function isOfRights({ code }: Finding): boolean {
  return PART_OF[code] === 'owners' || PART_OF[code] === 'modes';
}

async function giveNames(setup: RepairSetup, surroundings: Surroundings, { diagnosis }: Look): Promise<void> {
  const { fs, control, tell, now, randomName, mending } = surroundings;
  const { configuration, owners } = setup;
  const ground = { ...configuration, fs, mailOwner: owners.uid };
  const failures = new Map<string, string>();
  const note = (path: string, failure: string | undefined): void => {
    if (failure !== undefined) {
      failures.set(path, failure);
    }
  };
  const notes = notesOn(setup, surroundings);
  const renaming = { ...ground, mending, notes, now, randomName, signal: control.signal };
  for (const [path, failure] of await renameMessages(renaming, diagnosis.names)) {
    failures.set(path, failure);
  }
  // Behind the messages: another one may have had the ID of a log until now.
  for (const [path, failure] of moveLogs(ground, diagnosis.logs)) {
    failures.set(path, failure);
  }
  for (const file of diagnosis.orphans) {
    note(file.path, removeOrphan(ground, file));
  }
  for (const [path, failure] of removeStrayDirectories(ground, diagnosis.findings)) {
    failures.set(path, failure);
  }
  for (const finding of diagnosis.findings.filter((one) => !isOfRights(one))) {
    if (finding.code === 'staging') {
      removeStagingDirectory(fs, `${configuration.queueDirectory}/${finding.path}`);
    }
    const failure = failures.get(finding.path);
    const isDone = finding.action !== 'none' && failure === undefined;
    tell({ finding, done: isDone, ...(failure === undefined ? {} : { failure }) });
  }
}
