/** The page of a dry run: what a restore would do, what needs attention, and the command that does it. */

import type { Finding } from '../../plan/finding.ts';
import type { RouteTotals } from '../../plan/routes.ts';
import type { Concern } from '../../report/restore-outlook.ts';
import type { RestoreReport } from '../../restore/options.ts';
import type { RestoreWords } from '../options/restore-words.ts';
import { localTime } from './local-time.ts';
import { logWarnings } from './log-text.ts';
import type { OmittedGroup } from './omitted-groups.ts';
import { countOf, formatBytes, formatCount } from './quantity.ts';
import type { QueueCommands } from './queue-commands.ts';
import { findingText } from './reason-text.ts';
import { shellWord } from './shell-words.ts';
import { printable } from './stderr-line.ts';
import { formatTable } from './table.ts';
import { wrapped, wrappedCommand } from './wrapped.ts';

export interface PlanPage {
  readonly report: RestoreReport;
  /** What is left out. */
  readonly omitted: readonly OmittedGroup[];
  /** How people name the archive. */
  readonly archive: string;
  /** The command that does it. */
  readonly command: RestoreWords;
  readonly commands: QueueCommands;
}

/** All but whose archive it is and where it goes, which was told before. */
export function planPage(page: PlanPage): string {
  const { report, archive, command } = page;
  const { restored } = report;
  const head = `Would restore ${countOf(restored, 'message')} of ${archive}${restored === 0 ? '.' : ':'}`;
  const parts = [
    `${wrapped(printable(head))}\n${restored === 0 ? '' : `\n${routeTable(report.routes)}`}`,
    restored === 0 ? '' : consequences(report),
    attention(page),
    proofText(report),
    commandText(report, command),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function routeTable(routes: readonly RouteTotals[]): string {
  const rows = routes.map(({ from, to, messages, bytes, oldest, newest }) => [
    from,
    to,
    formatCount(messages),
    formatBytes(bytes),
    minuteOf(oldest),
    minuteOf(newest),
  ]);
  const sum = (of: (route: RouteTotals) => number): number => routes.reduce((total, route) => total + of(route), 0);
  const all = ['in all', '', formatCount(sum(({ messages }) => messages)), formatBytes(sum(({ bytes }) => bytes))];
  const head = ['from', 'to', 'messages', 'size', 'oldest', 'newest'];
  return formatTable(
    [head, ...rows, ...(routes.length > 1 ? [all] : [])],
    ['left', 'left', 'right', 'right', 'left', 'left'],
  );
}

const SECONDS = /:\d\d [+-]\d{4}$/u;

/** To the minute: 80 columns have no room for more. */
function minuteOf(seconds: number): string {
  return localTime(seconds * 1000).replace(SECONDS, '');
}

/** What follows from where it goes. */
function consequences({ room, target, routes }: RestoreReport): string {
  const { bytes_needed, bytes_free, inodes_needed, inodes_free } = room;
  const inodes = inodes_free === null ? '' : `, and ${formatCount(inodes_free)} inodes`;
  const lines = [
    `It takes up to ${formatBytes(bytes_needed)} and ${countOf(inodes_needed, 'inode')}; ${formatBytes(bytes_free)}${inodes} are free.`,
    runningText(target.running, routes),
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => `${wrapped(line)}\n`)
    .join('');
}

function runningText(running: boolean | null, routes: readonly RouteTotals[]): string {
  const isDelivered = routes.some(({ to }) => to === 'incoming' || to === 'deferred' || to === 'maildrop');
  if (!isDelivered) {
    return 'Nothing of it is delivered before it is released: Postfix delivers no mail from there.';
  }
  switch (running) {
    case true:
      return 'Postfix runs on this queue: it takes each message as soon as it is in place.';
    case false:
      return 'Postfix is stopped on this queue: nothing is delivered until it is started.';
    case null:
      return '';
  }
}

const SEVERITIES = ['problem', 'warning', 'info'] as const;
const EXAMPLES = 3;

/** What needs attention: the worst first. */
export function concernsOf({
  report,
  omitted,
  commands,
}: Pick<PlanPage, 'report' | 'omitted' | 'commands'>): Concern[] {
  const findings = report.findings
    .filter(({ code }) => !TOLD_BY_REASON.has(code))
    .map((finding) => ofFinding(finding, commands));
  const concerns = [...omitted.map(ofGroup), ...findings, ...logWarnings(report.log).map(ofLog)];
  return SEVERITIES.flatMap((severity) =>
    concerns.filter((concern) => concern.severity === severity).sort((one, other) => other.messages - one.messages),
  );
}

function attention(page: PlanPage): string {
  const concerns = concernsOf(page);
  return concerns.length === 0 ? '' : `What needs attention, the worst first:\n\n${concerns.map(concernText).join('')}`;
}

function ofGroup({ severity, action, text, messages, examples }: OmittedGroup): Concern {
  return { severity, messages, text: `${countOf(messages, 'message')} ${whatBecame(action)}: ${text}`, examples };
}

function whatBecame(action: OmittedGroup['action']): string {
  if (action === 'damaged' || action === 'failed') {
    return 'NOT restored';
  }
  return action === 'not_selected' ? 'not selected' : 'left out';
}

function ofFinding(finding: Finding, commands: QueueCommands): Concern {
  const { severity, messages } = finding;
  const examples = finding.examples.map(({ queue_name, queue_id }) => `${queue_name}/${queue_id}`);
  return { severity, messages, text: findingText(finding, commands), examples };
}

function ofLog(text: string): Concern {
  return { severity: 'warning', messages: 0, text, examples: [] };
}

/** What is left out is told with its reason: these say nothing else. */
const TOLD_BY_REASON: ReadonlySet<Finding['code']> = new Set(['maildrop-left-off-hold']);

const INDENT = '           ';

function concernText({ severity, messages, text, examples }: Concern): string {
  const lines = [wrapped(printable(`  ${severity.padEnd(INDENT.length - 2)}${text}`), INDENT)];
  if (examples.length > 0) {
    const shown = examples.slice(0, EXAMPLES);
    const more = messages > shown.length ? ', …' : '';
    lines.push(`${INDENT}${wrapped(`(${shown.join(', ')}${more})`, INDENT, 79 - INDENT.length)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function proofText({ proven }: RestoreReport): string {
  return proven
    ? ''
    : `${wrapped('The archive is NOT proven: only its catalogue was read. Without --quick all of it is, and so is that Postfix can read each message.')}\n`;
}

function commandText({ restored }: RestoreReport, { words, needsInput }: RestoreWords): string {
  return restored === 0
    ? 'Nothing was changed.\n'
    : `Nothing was changed. This restores it${needsInput ? ', given the same standard input' : ''}:\n\n  ${wrappedCommand(words.map(shellWord), '  ')}\n`;
}
