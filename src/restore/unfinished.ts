/** `status`, and `restore` without an archive: restores that were cut off are told, finished, or given up. */

import { nodeFileSystem } from '../fs/node-file-system.ts';
import { isRepair } from '../journal/journal.ts';
import { leftAs, type OperationControl, tellWarnings } from '../operation.ts';
import type { Pace } from '../pace.ts';
import { SystemAccounts } from '../postfix/accounts.ts';
import { readConfiguration } from '../postfix/configuration.ts';
import { keepPostfixOff, UNLOCKED } from '../postfix/keep-off.ts';
import { isPostfixRunning } from '../postfix/running.ts';
import { isRoot, refuseOthers, refuseSetUid } from '../rights/identity.ts';
import { runAsOwner } from '../rights/run-as-owner.ts';
import { queueOwner } from '../spool/queue-owner.ts';
import type { MessageMapping, RestoreOptions } from './options.ts';
import { type UnfinishedReport, type UnfinishedSetup, unfinishedWork } from './unfinished-work.ts';

export interface UnfinishedOptions extends Pick<RestoreOptions, 'configDirectory' | 'queueDirectory' | 'overrides'> {
  /** Told for each message of what was finished where it went, or why not; for each that stays of what was given up. */
  readonly onMapping?: (mapping: MessageMapping) => void;
  /** For finishing: instead of the pace that a restore was begun at. */
  readonly pace?: Pace;
}

export interface StatusReport extends Pick<UnfinishedReport, 'pending' | 'restored_before' | 'at_work'> {
  readonly queue_directory: string;
  /** Whether Postfix works on this queue; null if it can't be told. */
  readonly running: boolean | null;
}

/** What became of what waited. */
export interface EndedReport extends UnfinishedReport {
  readonly queue_directory: string;
}

/**
 * Tells which restores into a queue directory were cut off, and how many were not. Nothing is changed.
 *
 * @throws OperatorError: the configuration, a missing queue directory, missing rights
 * @throws SystemError: it can't be read
 */
export async function status(options: UnfinishedOptions, control: OperationControl = {}): Promise<StatusReport> {
  const { report, queueDirectory, running } = await work('tell', options, control);
  const { pending, restored_before, at_work } = report;
  return { queue_directory: queueDirectory, running: running ?? null, at_work, pending, restored_before };
}

/**
 * Puts what interrupted restores have staged where it was to go. No archive is needed.
 *
 * @throws OperatorError: the configuration, a missing queue directory, missing rights
 * @throws BusyError: another postsnap works on this queue directory
 * @throws SystemError: the system refused a call; the same call goes on
 * @throws InterruptedError: by the control's signal; the same call goes on
 */
export async function finishRestores(options: UnfinishedOptions, control: OperationControl = {}): Promise<EndedReport> {
  return ended(await work('finish', options, control));
}

/**
 * Gives up what interrupted restores have not made ready. What is ready stays: it is Postfix's.
 *
 * @throws as {@link finishRestores} does
 */
export async function abandonRestores(
  options: UnfinishedOptions,
  control: OperationControl = {},
): Promise<EndedReport> {
  return ended(await work('abandon', options, control));
}

function ended({ report, queueDirectory }: Worked): EndedReport {
  return { queue_directory: queueDirectory, ...report };
}

interface Worked {
  readonly report: UnfinishedReport;
  readonly queueDirectory: string;
  readonly running: boolean | undefined;
}

async function work(
  action: UnfinishedSetup['action'],
  { onMapping, pace, ...options }: UnfinishedOptions,
  control: OperationControl,
): Promise<Worked> {
  refuseSetUid();
  const configuration = readConfiguration(options);
  const { queueDirectory } = configuration;
  const owner = new SystemAccounts().mailOwner(configuration.mailOwner);
  queueOwner(nodeFileSystem, queueDirectory);
  refuseOthers(owner);
  tellWarnings(control, configuration.warnings);
  const configDirectory = options.queueDirectory === undefined ? options.configDirectory : undefined;
  const asOwner = (setup: Omit<UnfinishedSetup, 'configuration'>): Promise<UnfinishedReport> =>
    leftAs(setup.action === 'tell' ? 'untouched' : 'goes-on', () =>
      runAsOwner(unfinishedWork, {
        setup: { ...setup, configuration },
        owner,
        queueDirectory,
        control,
        onRow: ({ mapping }) => onMapping?.(mapping),
      }),
    );
  const isRunning = (): boolean | undefined => isPostfixRunning({ queueDirectory, configDirectory })?.running;
  const ofRepair = action === 'finish' && (await hasRepair(asOwner));
  const kept = ofRepair && isRoot() ? await keepPostfixOff(queueDirectory) : undefined;
  try {
    const running = kept === undefined ? isRunning() : false;
    if (ofRepair && kept === undefined && running === false) {
      control.onEvent?.({ kind: 'warning', message: UNLOCKED });
    }
    const report = await asOwner({ action, running, ...(pace === undefined ? {} : { pace }) });
    return { report, queueDirectory, running };
  } finally {
    await kept?.release();
  }
}

/**
 * Whether a repair waits to be finished. It is finished while Postfix is stopped, and kept so; a restore beside it.
 * (repair-start.test.ts, "is refused while a repair that was cut off is finished")
 */
async function hasRepair(
  tell: (setup: Omit<UnfinishedSetup, 'configuration'>) => Promise<UnfinishedReport>,
): Promise<boolean> {
  const { pending } = await tell({ action: 'tell', running: undefined });
  return pending.some(isRepair);
}
