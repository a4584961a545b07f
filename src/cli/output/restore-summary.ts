import type { RestoreReport } from '../../restore/options.ts';
import { countOf, formatCount } from './quantity.ts';
import { formatTable } from './table.ts';

/** What the counts of a report mean, in the order that people ask for them. */
const COUNT_LABELS = [
  ['already_present', 'stand in the target already'],
  ['already_restored', 'were restored into this queue before (--again restores them)'],
  ['left', 'left the source queue during the snapshot (--include-left restores them)'],
  ['not_selected', 'not selected'],
  ['damaged', 'damaged: NOT restored'],
  ['failed', 'failed: NOT restored'],
] as const satisfies readonly (readonly [keyof RestoreReport, string])[];

const ROUTE_LABELS = {
  queues: 'into the queues that they were in',
  maildrop: 'into maildrop, for pickup to process again',
  hold: 'into hold',
} as const;

/**
 * What a restore did, or would do, for people.
 *
 * @param ofMaildrop whether messages of maildrop were asked for
 */
export function restoreSummary(
  report: RestoreReport,
  archive: string,
  { ofMaildrop = false }: { readonly ofMaildrop?: boolean } = {},
): string {
  const did = report.dry_run ? 'Would restore' : 'Restored';
  const head = `${did} ${countOf(report.restored, 'message')} of ${archive} ${ROUTE_LABELS[report.into]}${report.into === 'hold' && ofMaildrop ? ', what was in maildrop into maildrop' : ''}.`;
  const rows = COUNT_LABELS.flatMap(([name, label]) =>
    report[name] === 0 ? [] : [[formatCount(report[name]), label]],
  );
  const table = rows.length === 0 ? '' : `\n${formatTable(rows, ['right', 'left'])}`;
  return `${head}\n${table}${nextStep(report)}`;
}

function nextStep(report: RestoreReport): string {
  if (report.dry_run) {
    return '\nNothing was changed.\n';
  }
  if (report.restored === 0) {
    return '';
  }
  if (report.into === 'hold') {
    return '\nNext: review it with `postqueue -p`, and release it with `postsuper -H`.\n';
  }
  return '\nNext: `postqueue -p` shows the queue.\n';
}
