/** The words for restores that were cut off. */

import type { StatusReport } from '../../restore/unfinished.ts';
import type { UnfinishedReport, UnfinishedRestore } from '../../restore/unfinished-work.ts';
import { countOf } from './quantity.ts';

/** What waits in a queue directory, for people. */
export function statusText({ queue_directory, running, pending, restored_before }: StatusReport): string {
  const postfix =
    running === null
      ? "whether Postfix runs on it can't be told"
      : `Postfix ${running ? 'runs' : 'does not run'} on it`;
  const head = `${queue_directory}: ${postfix}; ${countOf(restored_before, 'restore')} into it done.`;
  const waiting = pending.map(unfinishedText).join('');
  const next =
    pending.length === 0
      ? 'No restore waits.\n'
      : `\nNext: \`postsnap restore --finish\` finishes it${pending.some(isRepair) ? '' : ', `postsnap restore --abandon` gives it up'}.\n`;
  return `${head}\n${waiting}${next}`;
}

/** What a repair took from the queue has no other copy: it is finished, and never given up. */
function isRepair({ into }: UnfinishedRestore): boolean {
  return into === 'repair';
}

function unfinishedText(restore: UnfinishedRestore): string {
  const { archive, into, started, messages, ready, journal, fault } = restore;
  if (fault !== undefined) {
    return `\nNobody can tell what was to be restored by ${journal}: ${fault}. \`postsnap restore --abandon\` moves it aside.\n`;
  }
  if (isRepair(restore)) {
    return `\nCut off: a repair, begun ${started}: ${ready} of ${countOf(messages, 'message')} have their names. \`postsnap repair\` goes on, while Postfix is stopped.\n`;
  }
  const source = archive === '-' ? 'standard input' : archive;
  return `\nCut off: a restore of ${source} into ${into}, begun ${started}: ${ready} of ${countOf(messages, 'message')} are in the queue.\n`;
}

/** What was made of it. */
export function endedText({ restored, failed, abandoned, aside, pending }: UnfinishedReport): string {
  const lines = [
    restored > 0 ? `${countOf(restored, 'message')} of interrupted restores are in the queue.` : '',
    failed > 0 ? `${countOf(failed, 'message')} could not be put into it: see above.` : '',
    abandoned > 0 ? `${countOf(abandoned, 'message')} given up: the archive still has them.` : '',
    ...aside.map((path) => `Moved aside: ${path}`),
    ...pending.map(unfinishedText),
  ].filter((line) => line !== '');
  return lines.length === 0 ? 'No restore waits.\n' : `${lines.join('\n')}\n`;
}
