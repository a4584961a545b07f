/** What a restore did or would do, in words, and what to do next. */

import { MESSAGE_QUEUES } from '../../queue/queue-name.ts';
import type { MessageMapping, RestoreReport } from '../../restore/options.ts';
import type { OmittedGroup } from './omitted-groups.ts';
import { countOf, formatCount } from './quantity.ts';
import type { QueueCommands } from './queue-commands.ts';
import { printable } from './stderr-line.ts';
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

/** As postmulti(1) writes it. */
const PRIMARY_INSTANCE = '-';

/** The queues that messages were restored into, as the map tells. */
export class RestoredQueues {
  readonly #queues = new Map<string, number>();

  note({ action, new_queue_name }: Pick<MessageMapping, 'action' | 'new_queue_name'>): void {
    if (action === 'restored' && new_queue_name !== null) {
      this.#queues.set(new_queue_name, (this.#queues.get(new_queue_name) ?? 0) + 1);
    }
  }

  has(queue: string): boolean {
    return this.#queues.has(queue);
  }

  /** `9 into deferred, 2 into hold`; empty where nothing was restored. */
  get text(): string {
    return MESSAGE_QUEUES.filter((queue) => this.#queues.has(queue))
      .map((queue) => `${formatCount(this.#queues.get(queue) ?? 0)} into ${queue}`)
      .join(', ');
  }

  /** Whether nothing went where Postfix sees it. */
  get isPutAway(): boolean {
    return [...this.#queues.keys()].every((queue) => queue === 'corrupt' || queue === 'saved');
  }
}

export interface SummaryOptions {
  readonly restored: RestoredQueues;
  /** What was left out. */
  readonly omitted: readonly OmittedGroup[];
  readonly commands: QueueCommands;
}

function targetText({ target }: RestoreReport): string {
  const instance = target.instance === PRIMARY_INSTANCE ? '' : ` (instance ${target.instance})`;
  return printable(`${target.queue_directory}${instance}`);
}

/** What a restore did, for people. What it would do is the page of a dry run. */
export function restoreSummary(report: RestoreReport, archive: string, options: SummaryOptions): string {
  const into = options.restored.text === '' ? '' : `: ${options.restored.text}`;
  const head = `Restored ${countOf(report.restored, 'message')} of ${archive} into ${targetText(report)}${into}.`;
  const rows = COUNT_LABELS.flatMap(([name, label]) =>
    rowsOf(report[name], { label, groups: groupsOf(name, options) }),
  );
  const table = rows.length === 0 ? '' : `\n${formatTable(rows, ['right', 'left'])}`;
  return `${head}\n${table}${nextStep(report, options)}`;
}

/** What was not selected is told by its reason, as in the page of a dry run, where there is one for all. */
function groupsOf(name: keyof RestoreReport, { omitted }: SummaryOptions): readonly OmittedGroup[] {
  return name === 'not_selected' ? omitted.filter(({ action }) => action === name) : [];
}

function rowsOf(
  count: number,
  { label, groups }: { readonly label: string; readonly groups: readonly OmittedGroup[] },
): string[][] {
  if (count === 0) {
    return [];
  }
  const [group, ...others] = groups;
  const why = group === undefined || others.length > 0 ? '' : `: ${group.text}`;
  return [[formatCount(count), `${label}${why}`]];
}

function nextStep(report: RestoreReport, { restored, commands }: SummaryOptions): string {
  if (report.restored === 0) {
    return '';
  }
  if (restored.isPutAway) {
    return `\nNext: \`${commands.postfix('postcat', 'FILE')}\` shows a message. Postfix lists and delivers nothing from corrupt and saved.\n`;
  }
  const pickup = pickupText(report, restored);
  if (!commands.isReached) {
    return `\n${pickup}Postfix shows it by postqueue -p where it works on this queue directory.\n`;
  }
  const show = commands.postfix('postqueue', '-p');
  return report.into === 'hold' && restored.has('hold')
    ? `\nNext: review with \`${show}\` what is on hold, and ${release(report, commands)}\n`
    : `\n${pickup}Next: \`${show}\` shows the queue.\n`;
}

/** pickup(8) looks into maildrop once a minute, unless postdrop(1) wakes it. */
function pickupText({ target }: RestoreReport, restored: RestoredQueues): string {
  return target.running === true && restored.has('maildrop')
    ? 'pickup takes up to a minute until it sees what is in maildrop.\n'
    : '';
}

/** `postsuper -H` keeps the time that a message was made, and what is too old by it is returned (postsuper(1)). */
function release({ findings }: RestoreReport, commands: QueueCommands): string {
  const old = findings.filter(({ code }) => code === 'held-past-lifetime' || code === 'held-forced-expiry');
  const messages = old.reduce((sum, finding) => sum + finding.messages, 0);
  const all = `release all of it with \`${commands.release()}\`, or only the queue IDs that you write behind it.`;
  return messages === 0
    ? all
    : `${all} It requeues the ${countOf(messages, 'message')} that Postfix would return after postsuper -H.`;
}
