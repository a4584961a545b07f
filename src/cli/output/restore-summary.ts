/** What a restore did or would do, in words, and what to do next. */

import type { MessageMapping, RestoreReport } from '../../restore/options.ts';
import { countOf, formatCount } from './quantity.ts';
import { formatTable } from './table.ts';

/** What the counts of a report mean, in the order that people ask for them. */
const COUNT_LABELS = [
  ['already_present', 'stand in the target already'],
  ['already_restored', 'were restored into this queue before (--again restores them)'],
  ['delivered_since', 'delivered, returned or deleted after the snapshot, by the mail log'],
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

/** The queues that messages were restored into, as the map tells. */
export class RestoredPlaces {
  readonly #queues = new Set<string>();

  note({ action, new_queue_name }: Pick<MessageMapping, 'action' | 'new_queue_name'>): void {
    if (action === 'restored' && new_queue_name !== null) {
      this.#queues.add(new_queue_name);
    }
  }

  has(queue: string): boolean {
    return this.#queues.has(queue);
  }

  /** Whether nothing went where Postfix sees it. */
  get isPutAway(): boolean {
    return [...this.#queues].every((queue) => queue === 'corrupt' || queue === 'saved');
  }
}

export interface SummaryOptions {
  /** Whether messages of maildrop were asked for. */
  readonly ofMaildrop?: boolean;
  readonly places: RestoredPlaces;
}

/** What a restore did, or would do, for people. */
export function restoreSummary(report: RestoreReport, archive: string, options: SummaryOptions): string {
  const did = report.dry_run ? 'Would restore' : 'Restored';
  const besides = report.into === 'hold' && options.ofMaildrop === true ? ', what was in maildrop into maildrop' : '';
  const head = `${did} ${countOf(report.restored, 'message')} of ${archive} ${ROUTE_LABELS[report.into]}${besides}.`;
  const rows = COUNT_LABELS.flatMap(([name, label]) =>
    report[name] === 0 ? [] : [[formatCount(report[name]), label]],
  );
  const table = rows.length === 0 ? '' : `\n${formatTable(rows, ['right', 'left'])}`;
  return `${head}\n${table}${nextStep(report, options.places)}`;
}

function nextStep(report: RestoreReport, places: RestoredPlaces): string {
  if (report.dry_run) {
    return '\nNothing was changed.\n';
  }
  if (report.restored === 0) {
    return '';
  }
  if (places.isPutAway) {
    return '\nNext: `postcat FILE` shows a message. Postfix lists and delivers nothing from corrupt and saved.\n';
  }
  return report.into === 'hold' && places.has('hold')
    ? `\nNext: review with \`postqueue -p\` what is on hold, and ${release(report)}.\n`
    : '\nNext: `postqueue -p` shows the queue.\n';
}

/** `postsuper -H` keeps the time that a message was made, and what is too old by it is returned (postsuper(1)). */
function release({ findings, restored }: RestoreReport): string {
  const old = findings.filter(({ code }) => code === 'held-past-lifetime' || code === 'held-forced-expiry');
  const messages = old.reduce((sum, finding) => sum + finding.messages, 0);
  if (messages === 0) {
    return 'release it with `postsuper -H`';
  }
  return messages >= restored
    ? 'release it with `postsuper -r ALL hold`: it is too old for `postsuper -H`, after which Postfix would return it'
    : `release it with \`postsuper -H\`, but with \`postsuper -r\` the ${countOf(messages, 'message')} that Postfix would return after \`postsuper -H\` (\`-j\` and the map name them)`;
}
