/** `repair`: looks over a queue directory in place, and mends what is wrong, while Postfix is stopped. */

import { nodeFileSystem } from '../fs/node-file-system.ts';
import { leftAs, type OperationControl, tellWarnings } from '../operation.ts';
import { type Account, SystemAccounts } from '../postfix/accounts.ts';
import { type PostfixConfiguration, readConfiguration } from '../postfix/configuration.ts';
import type { QueueOwners } from '../queue/rights.ts';
import { isRoot, refuseOthers, refuseSetUid } from '../rights/identity.ts';
import { runAsOwner } from '../rights/run-as-owner.ts';
import { corruptNotesPath } from './corrupt-notes.ts';
import { diagnoseDirectories, mendDirectories } from './directories.ts';
import { type Finding, REPAIR_PARTS, type RepairPart } from './finding.ts';
import { lookAtDirectories } from './look.ts';
import type { RepairOptions, RepairOutcome, RepairReport } from './options.ts';
import { repairWork } from './repair-work.ts';
import { StoppedPostfix } from './stopped-postfix.ts';

/**
 * Repairs a queue directory in place. No message is removed, none is given another's logs, and nothing gets the name of what is
 * there. Cut off at any point, the same call goes on; a second one finds nothing.
 *
 * @returns how much was looked at and mended; each finding is told to `onFinding`
 * @throws BusyError: Postfix runs, another postsnap works on this queue directory, or an interrupted restore waits
 * @throws OperatorError: the configuration, a missing queue directory, missing rights
 * @throws SystemError: the system refused a call; the same call goes on
 * @throws InterruptedError: by the control's signal; the same call goes on
 */
export function repair(options: RepairOptions, control: OperationControl = {}): Promise<RepairReport> {
  // The directories are mended first.
  return leftAs(options.dryRun === true ? 'untouched' : 'goes-on', () => repairAsOwner(options, control));
}

async function repairAsOwner(options: RepairOptions, control: OperationControl): Promise<RepairReport> {
  refuseSetUid();
  const configuration = readConfiguration(options);
  const accounts = new SystemAccounts();
  const owner = accounts.mailOwner(configuration.mailOwner);
  refuseOthers(owner);
  tellWarnings(control, configuration.warnings);
  const owners = { ...owner, setgidGroup: accounts.setgidGroup(configuration.setgidGroup) };
  const postfix = new StoppedPostfix({ options, configuration, control });
  try {
    return await repairStopped(options, { configuration, owner, owners, control, postfix });
  } finally {
    await postfix.letGo();
  }
}

interface StoppedQueue {
  readonly configuration: PostfixConfiguration;
  readonly owner: Account;
  readonly owners: QueueOwners;
  readonly control: OperationControl;
  readonly postfix: StoppedPostfix;
}

async function repairStopped(
  options: RepairOptions,
  { configuration, owner, owners, control, postfix }: StoppedQueue,
): Promise<RepairReport> {
  const dryRun = options.dryRun === true;
  const parts = new Set(options.only ?? REPAIR_PARTS);
  const tally = new Tally(options);
  await postfix.keepOff();
  const directories = repairDirectories(configuration, owners, { dryRun, parts });
  directories.forEach(tally.take);
  // The lock of Postfix is in one of them.
  await postfix.keepOff();
  postfix.warnIfUnlocked();
  const report = await runAsOwner(repairWork, {
    setup: { configuration, owners, dryRun, parts, removesOrphans: options.removeOrphans === true },
    owner,
    queueDirectory: configuration.queueDirectory,
    control,
    onRow: tally.take,
  });
  const { repaired, unrepaired, setAside } = tally;
  const { queueDirectory } = configuration;
  const notes = setAside > 0 ? corruptNotesPath(queueDirectory) : null;
  return { queue_directory: queueDirectory, ...report, repaired, unrepaired, notes, dry_run: dryRun };
}

/** Counts what was done. */
class Tally {
  repaired = 0;
  unrepaired = 0;
  setAside = 0;
  readonly #onFinding: RepairOptions['onFinding'];

  constructor({ onFinding }: RepairOptions) {
    this.#onFinding = onFinding;
  }

  readonly take = (outcome: RepairOutcome): void => {
    if (outcome.done) {
      this.repaired += 1;
      this.setAside += outcome.finding.action === 'set-aside' ? 1 : 0;
    } else if (outcome.finding.code !== 'orphan-log') {
      this.unrepaired += 1;
    }
    this.#onFinding?.(outcome);
  };
}

function repairDirectories(
  { queueDirectory }: PostfixConfiguration,
  owners: QueueOwners,
  { dryRun, parts }: { readonly dryRun: boolean; readonly parts: ReadonlySet<RepairPart> },
): RepairOutcome[] {
  const fs = nodeFileSystem;
  const isMeant = parts.has('directories');
  const findings = isMeant ? diagnoseDirectories(lookAtDirectories(fs, queueDirectory), owners) : [];
  if (dryRun) {
    return findings.map((finding) => ({ finding, done: false }));
  }
  const ground = { fs, queueDirectory, owners };
  const failures = isRoot() ? mendDirectories(ground, findings) : refusals(findings);
  return findings.map((finding) => {
    const failure = failures.get(finding);
    const done = finding.action !== 'none' && failure === undefined;
    return { finding, done, ...(failure === undefined ? {} : { failure }) };
  });
}

function refusals(findings: readonly Finding[]): Map<Finding, string> {
  return new Map(findings.map((finding) => [finding, 'only root can do that']));
}
