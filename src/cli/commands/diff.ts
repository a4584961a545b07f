/** `postsnap diff`: two archives are compared, or an archive and the queue. */

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import type { BackupReport } from '../../backup/options.ts';
import { OperatorError } from '../../errors.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import type { DiffReport } from '../../inspect/diff.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import {
  type CommonOptions,
  commandWithCommonOptions,
  givenInstallation,
  installationOptions,
} from '../options/common-options.ts';
import { onlyArgument, StoreReader } from '../options/store.ts';
import { differenceJsonLine, differenceLine, diffSummary, type SideNames } from '../output/diff-text.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE, IO_ERROR, LEFT_OUT } from '../process/exit-status.ts';
import { backupStatus } from '../process/outcome.ts';
import type { Session } from '../process/session.ts';

/** `postsnap diff ARCHIVE [ARCHIVE2]`. */
export function diffCommand(run: Runner): Command<[string | undefined, string | undefined], CommonOptions> {
  const reader = new StoreReader();
  const command = commandWithCommonOptions('diff')
    .description('what is different between an archive and the queue, or between two archives')
    .argument('[archive]', 'the archive; - is stdin; none with --store')
    .argument('[archive2]', 'another archive, instead of the queue')
    .addHelpText('after', '\nFor diff, 0 is: no difference; 1: there are some; more than 1: trouble.');
  reader.addSnapshotTo(command);
  return command.action((first, second, options) =>
    run(options, async (session) => {
      const { archive: left, rest } = await reader.chooseArchive([first, second], Date.now());
      const right = rest.length === 0 ? undefined : parseArchiveName(onlyArgument(rest, 'archive2'));
      refuseTwice(left, right);
      refuseInstallation(right, options);
      refuseTerminal(left, 'stdin', session);
      const names = {
        left: archiveName(left, 'stdin'),
        right: right === undefined ? 'the queue' : archiveName(right, 'stdin'),
      };
      return right === undefined
        ? diffWithQueue({ left, names, options }, session)
        : compare({ left, right, names, options }, session);
    }),
  );
}

function refuseTwice(left: ArchiveLocation, right: ArchiveLocation | undefined): void {
  if (left.kind === 'stream' && right?.kind === 'stream') {
    throw new OperatorError('usage', 'both archives can not come from stdin', { nextStep: 'Name a file for one.' });
  }
}

/** Two archives are compared without a queue. */
function refuseInstallation(right: ArchiveLocation | undefined, options: CommonOptions): void {
  const given = givenInstallation(options);
  if (right !== undefined && given !== undefined) {
    throw new OperatorError('usage', `${given} means nothing here: two archives are compared, and no queue`);
  }
}

interface Asked {
  readonly left: ArchiveLocation;
  readonly names: SideNames;
  readonly options: CommonOptions;
}

async function compare(
  { left, right, names, options }: Asked & { readonly right: ArchiveLocation },
  session: Session,
): Promise<number> {
  const { diff } = await import('../../inspect/diff.ts');
  const tell = options.json === true ? differenceJsonLine : differenceLine;
  const report = await diff({ left, right, onDifference: (found) => session.tell(tell(found, names)) }, session);
  if (options.json !== true) {
    session.tell(diffSummary(report, names));
  }
  session.output.flush();
  return isSame(report) ? DONE : LEFT_OUT;
}

function isSame({ changed, only_left, only_right }: DiffReport): boolean {
  return changed + only_left + only_right === 0;
}

/** What could not be read is not in the queue, as far as the comparison knows. */
function tellUncompared({ unreadable, settled }: BackupReport, session: Session): void {
  for (const { queue_name, queue_id, reason } of unreadable) {
    session.warn(`${queue_name}/${queue_id}: could not be read, and so not be compared: ${reason}`);
  }
  if (!settled) {
    session.warn('the queue did not settle: mail that moved may be missing in the comparison. Run the command again.');
  }
}

/** The queue is read as a backup reads it, with the same care and the same rights, into an archive that is removed again. */
async function diffWithQueue(asked: Asked, session: Session): Promise<number> {
  const { backup } = await import('../../backup/backup.ts');
  const path = join(tmpdir(), `postsnap-diff-${randomBytes(8).toString('hex')}.tar.zst`);
  try {
    const installation = installationOptions(asked.options, session.environment['MAIL_CONFIG']);
    const report = await backup({ archive: path, ...installation, level: 1 }, session);
    tellUncompared(report, session);
    const status = await compare({ ...asked, right: { kind: 'file', path } }, session);
    return backupStatus(report) === DONE ? status : IO_ERROR;
  } finally {
    if (nodeFileSystem.lstat(path) !== undefined) {
      nodeFileSystem.unlink(path);
    }
  }
}
