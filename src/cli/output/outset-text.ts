/** Whose archive it is, and where it goes: told before a restore does anything. */

import type { RestoreOutset } from '../../restore/options.ts';
import { localTime } from './local-time.ts';
import { countOf, formatAge } from './quantity.ts';
import { printable } from './stderr-line.ts';
import { wrapped } from './wrapped.ts';

const PRIMARY_INSTANCE = '-';

/** @param now milliseconds since the epoch */
export function outsetText({ archive, target }: Pick<RestoreOutset, 'archive' | 'target'>, now: number): string {
  const { myhostname, instance, source, started, messages } = archive;
  const made = source === 'tar' ? ', made of a tar' : '';
  const host = myhostname === '' ? 'a host without a name' : myhostname;
  const from = `Archive of ${host}${instanceText(instance)}${made}, ${whenText(started, now)}: ${countOf(messages, 'message')}.`;
  const into = `Into ${target.queue_directory}${instanceText(target.instance)}${stateText(target)}: ${countOf(target.messages, 'message')} before.`;
  return `${wrapped(printable(from), '  ')}\n${wrapped(printable(into), '  ')}`;
}

/** The epoch stands in where the header, and the time with it, is lost (salvaged-archive.ts). */
function whenText(started: string, now: number): string {
  const begun = Date.parse(started);
  if (begun === 0) {
    return 'of a time that is lost';
  }
  const age = now - begun;
  const old = Number.isNaN(age) ? '' : ` (${age < 0 ? 'ahead of this clock' : `${formatAge(age)} ago`})`;
  return `${localTime(started)}${old}`;
}

function stateText({ running, mail_version }: RestoreOutset['target']): string {
  const postfix = mail_version === '' ? 'Postfix' : `Postfix ${mail_version}`;
  if (running === null) {
    return mail_version === '' ? '' : `, of ${postfix}`;
  }
  return `, where ${postfix} ${running ? 'runs' : 'is stopped'}`;
}

function instanceText(instance: string): string {
  return instance === PRIMARY_INSTANCE ? '' : ` (instance ${instance})`;
}
