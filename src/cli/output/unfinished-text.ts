/** The words for restores that were cut off. */

import type { EndedReport, StatusReport } from '../../restore/unfinished.ts';
import type { AtWork, UnfinishedRestore } from '../../restore/unfinished-work.ts';
import { localTime } from './local-time.ts';
import { countOf, formatDuration } from './quantity.ts';
import type { QueueCommands } from './queue-commands.ts';
import { printable } from './stderr-line.ts';

const finish = (commands: QueueCommands): string => `\`${commands.postsnap('restore', '--finish')}\``;
const abandon = (commands: QueueCommands): string => `\`${commands.postsnap('restore', '--abandon')}\``;

/** What waits in a queue directory, for people. */
export function statusText(
  { queue_directory, running, at_work: atWork, pending, restored_before }: StatusReport,
  commands: QueueCommands,
): string {
  const postfix =
    running === null
      ? "whether Postfix runs on it can't be told"
      : `Postfix ${running ? 'runs' : 'does not run'} on it`;
  const head = `${queue_directory}: ${postfix}; ${countOf(restored_before, 'restore')} into it done.`;
  const waiting = pending.map((each) => unfinishedText(each, commands, atWork !== null)).join('');
  const next =
    atWork !== null
      ? `\n${atWorkText(atWork)}\n`
      : pending.length === 0
        ? 'No restore waits.\n'
        : `\nNext: ${finish(commands)} finishes it${pending.some(isRepair) ? '' : `, ${abandon(commands)} gives it up`}.\n`;
  return `${head}\n${waiting}${next}`;
}

/** What a repair took from the queue has no other copy: it is finished, and never given up. */
function isRepair({ into }: UnfinishedRestore): boolean {
  return into === 'repair';
}

/** While it works, there is nothing to be ended. */
function atWorkText({ pid, host, since }: AtWork): string {
  return `postsnap works on this queue: process ${pid} on ${printable(host)}, since ${localTime(since)}. Ended by SIGINT or SIGTERM, it can go on later.`;
}

function paceText({ rate, seconds_left: seconds }: UnfinishedRestore): string {
  return rate === null || seconds === null ? '' : ` At most ${rate}: ${formatDuration(seconds * 1000)} left.`;
}

function unfinishedText(restore: UnfinishedRestore, commands: QueueCommands, isAtWork = false): string {
  const { archive, into, started, messages, ready, journal, fault } = restore;
  if (fault !== undefined) {
    return `\nNobody can tell what was to be restored by ${journal}: ${fault}. ${abandon(commands)} moves it aside.\n`;
  }
  const begun = localTime(started);
  if (isRepair(restore)) {
    return `\nCut off: a repair, begun ${begun}: ${ready} of ${countOf(messages, 'message')} have their names. \`${commands.postsnap('repair')}\` goes on, while Postfix is stopped.\n`;
  }
  const source = archive === '-' ? 'standard input' : printable(archive);
  const state = isAtWork ? 'Under way' : 'Cut off';
  return `\n${state}: a restore of ${source} into ${into}, begun ${begun}: ${ready} of ${countOf(messages, 'message')} are in the queue.${paceText(restore)}\n`;
}

/** What was made of it. */
export function endedText(
  { queue_directory, restored, failed, abandoned, aside, pending }: EndedReport,
  commands: QueueCommands,
): string {
  const lines = [
    restored > 0 ? `${countOf(restored, 'message')} of interrupted restores are in the queue.` : '',
    failed > 0 ? `${countOf(failed, 'message')} could not be put into it: see above.` : '',
    abandoned > 0 ? `${countOf(abandoned, 'message')} given up: the archive still has them.` : '',
    ...aside.map((path) => `Moved aside: ${path}`),
    ...pending.map((each) => unfinishedText(each, commands)),
  ].filter((line) => line !== '');
  return `${printable(queue_directory)}: ${lines.length === 0 ? 'no restore waits.' : lines.join('\n')}\n`;
}
