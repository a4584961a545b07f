/** The words for what a repair found. */

import type { Finding, FindingCode, RepairAction } from '../../repair/finding.ts';
import type { RepairOutcome, RepairReport } from '../../repair/options.ts';
import { countOf } from './quantity.ts';

/** What is wrong, of so many files. */
const TITLES: Readonly<Record<FindingCode, string>> = {
  'missing-directory': 'missing directories',
  'directory-rights': 'directories with a wrong owner, group or mode',
  'unlistable-directory': "directories that can't be listed",
  owner: 'files that are not their owner’s: one of them stops the queue manager',
  'not-ready': 'messages that have lost the ready bit: Postfix passes over them, and deletes them after 7 days',
  'stray-expiry': 'messages that Postfix would return at once (g+x)',
  mode: 'files with a mode that Postfix does not set',
  'unfinished-message': 'files that may be half written',
  'corrupt-mark': 'files that a delivery agent could not read',
  'name-inode': 'messages whose name does not fit their inode, as after a copy',
  'two-queues': 'messages with the queue ID of another message',
  'unfinished-rename': 'messages that an interrupted postsuper left (#FIX)',
  'long-id': 'long queue IDs where enable_long_queue_ids is off',
  'hash-directory': 'messages in a directory where Postfix does not look',
  'second-name': 'files with two names',
  'no-queue-file': 'what is no queue file',
  malformed: 'messages that Postfix would delete or call corrupt',
  unreadable: "messages that can't be read",
  'log-name': 'logs where Postfix does not look',
  'log-conflict': 'logs in whose place another stands',
  'orphan-log': 'logs without a message',
  'stray-directory': 'directories where Postfix has none',
  staging: 'left-over staging directories',
  waiting: 'messages of a repair that was cut off, and that wait for what is in the way',
  gone: 'messages of a repair that was cut off, which are nowhere any more',
};

/** Worst first: what stops all mail, what loses mail, what delays it, what is untidy. */
const ORDER = Object.keys(TITLES);

const DOING: Readonly<Record<RepairAction, string>> = {
  make: 'make it',
  chown: 'change the owner',
  chmod: 'change the mode',
  rename: 'rename',
  'set-aside': 'move to corrupt',
  remove: 'remove',
  none: 'left alone',
};

const EXAMPLES = 3;

/**
 * The findings by kind, with counts and up to three examples of each.
 *
 * @param repair the command that mends them
 */
export function repairText(report: RepairReport, outcomes: readonly RepairOutcome[], repair: string): string {
  const { queue_directory, checked, repaired, unrepaired, dry_run, finished } = report;
  const head = `${queue_directory}: ${countOf(checked, 'file')} and directories looked at.`;
  const before = finished === 0 ? '' : `A repair that was cut off is finished: ${countOf(finished, 'message')}.\n`;
  if (outcomes.length === 0) {
    return `${head}\n${before}Nothing is wrong.\n`;
  }
  const groups = ORDER.map((code) => groupText(outcomes.filter(({ finding }) => finding.code === code))).join('');
  const end = dry_run
    ? `Nothing was changed. Next: stop Postfix, and run \`${repair}\`.\n`
    : `${notesText(report)}Mended: ${repaired}. Not mended: ${unrepaired}.\n`;
  return `${head}\n${before}\n${groups}\n${end}`;
}

function notesText({ notes }: RepairReport): string {
  return notes === null ? '' : `What was moved to corrupt, and why, stands in ${notes}.\n`;
}

function groupText(outcomes: readonly RepairOutcome[]): string {
  const [first] = outcomes;
  if (first === undefined) {
    return '';
  }
  const lines = outcomes.slice(0, EXAMPLES).map((outcome) => `    ${outcomeLine(outcome)}\n`);
  const others = outcomes.length - lines.length;
  const more = others > 0 ? `    and ${others} more\n` : '';
  return `  ${TITLES[first.finding.code]}: ${outcomes.length}\n${lines.join('')}${more}`;
}

/** One finding in one line: where, what, and what was or will be done. */
export function outcomeLine({ finding, done, failure }: RepairOutcome): string {
  const { path, detail, action } = finding;
  const to = finding.newQueueId === null ? '' : ` -> ${finding.newQueueName ?? ''}/${finding.newQueueId}`;
  const outcome = failure === undefined ? (done ? 'done' : DOING[action]) : `${DOING[action]} failed: ${failure}`;
  return `${path === '' ? '.' : printable(path)}${to}: ${detail}: ${outcome}`;
}

/** A name may be anything. */
function printable(path: string): string {
  return path.replace(/[^\x20-\x7e]/gu, '?');
}

/** A finding as the contract has it, with the path and the words besides. */
export function findingJson({ finding, done, failure }: RepairOutcome): object {
  const { code, action, path, detail } = finding satisfies Finding;
  return {
    queue_name: finding.queueName,
    queue_id: finding.queueId,
    kind: code,
    action,
    new_queue_name: finding.newQueueName,
    new_queue_id: finding.newQueueId,
    path,
    done,
    reason: failure ?? null,
    text: detail,
  };
}
