/** `postsnap prune`: the snapshots that no rule keeps are removed from a store. */

import type { Command } from '@commander-js/extra-typings';
import { type PruneReport, prune } from '../../keep/prune.ts';
import { NO_RULES } from '../../store/retention.ts';
import type { Store } from '../../store/store.ts';
import { type CommonOptions, commandWithoutQueue } from '../options/common-options.ts';
import { pingOption } from '../options/ping-url.ts';
import { RetentionReader } from '../options/retention.ts';
import { StoreReader } from '../options/store.ts';
import { pruneSummary } from '../output/prune-summary.ts';
import type { Runner } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';
import type { Session } from '../process/session.ts';

type PruneCommandOptions = CommonOptions & { readonly dryRun?: true };

/** `postsnap prune --store STORE`. */
export function pruneCommand(run: Runner): Command<[], PruneCommandOptions> {
  const [reader, retention] = [new StoreReader(), new RetentionReader()];
  const command = commandWithoutQueue('prune')
    .description('remove from a store what no rule keeps; what several rules keep is kept')
    .option('-n, --dry-run', 'say what would be removed, change nothing');
  command.addOption(pingOption());
  reader.addTo(command);
  retention.addTo(command);
  command.addHelpText('after', ALWAYS_KEPT);
  return command.action((options) =>
    run(
      options,
      (session) => pruneStore({ reader, retention, options }, session),
      options.dryRun === true ? undefined : 'prune',
    ),
  );
}

const ALWAYS_KEPT = `
Rules count from the newest snapshot of each host and instance, not from now. Whatever the rules, the newest verified
snapshot, the last two, and those that are pinned are kept.`;

interface Asked {
  readonly reader: StoreReader;
  readonly retention: RetentionReader;
  readonly options: PruneCommandOptions;
}

async function pruneStore({ reader, retention, options }: Asked, session: Session): Promise<number> {
  const store = reader.store();
  const report = await prune({
    store,
    ...reader.lines(),
    rules: retention.rules() ?? NO_RULES,
    dryRun: options.dryRun === true,
    now: Date.now(),
  });
  const removed = report.verdicts.filter(({ keptBy }) => keptBy.length === 0).length;
  session.summarize({ store: store.name, kept: report.verdicts.length - removed, removed });
  session.tell(options.json === true ? await asJson(report, store) : pruneSummary(report));
  return DONE;
}

async function asJson({ verdicts, swept, dryRun }: PruneReport, store: Store): Promise<string> {
  const kept: object[] = [];
  const removed: string[] = [];
  for (const { snapshot, keptBy } of verdicts) {
    const archive = await store.fileOf(snapshot.key);
    if (keptBy.length === 0) {
      removed.push(archive);
    } else {
      kept.push({ archive, kept_by: keptBy });
    }
  }
  return `${JSON.stringify({ dry_run: dryRun, kept, removed, swept })}\n`;
}
