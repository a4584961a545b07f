/**
 * What `check` says, as Nagios and its kin read it: one line, `|`, and performance data (Monitoring Plugins Development
 * Guidelines); and the exit status 0, 1, 2 or 3.
 */

import type { CheckFault, CheckReport, CheckState, LineCheck } from '../../keep/check.ts';
import { countOf } from './quantity.ts';
import { formatAge, isoTime } from './snapshot-table.ts';
import { printable } from './stderr-line.ts';

/** The statuses of a plugin; UNKNOWN is for what could not be looked at. */
export const UNKNOWN = 3;
const STATUS: Readonly<Record<CheckState, number>> = { ok: 0, warning: 1, critical: 2 };

export function pluginStatus({ state }: CheckReport): number {
  return STATUS[state];
}

export interface Thresholds {
  readonly maxAgeSeconds: number;
  readonly warnAgeSeconds: number | undefined;
}

/** The line of a plugin. What would end it or begin the performance data is shown as `?`. */
export function pluginLine({ state, lines }: CheckReport, thresholds: Thresholds): string {
  const faulty = lines.filter(({ faults }) => faults.length > 0);
  const text =
    lines.length === 0
      ? 'there is no snapshot'
      : (faulty.length > 0 ? faulty : lines).map((line) => `${line.line}: ${lineText(line)}`).join('; ');
  const data = lines.flatMap((line) => performanceData(line, thresholds));
  return `POSTSNAP ${state.toUpperCase()} - ${plain(text)}${data.length === 0 ? '' : ` | ${data.join(' ')}`}\n`;
}

/** Where the store could not be looked at. */
export function unknownLine(reason: string): string {
  return `POSTSNAP UNKNOWN - ${plain(reason)}\n`;
}

function plain(text: string): string {
  return printable(text).replaceAll('|', '?');
}

const FAULT_TEXT: Readonly<Record<CheckFault, string>> = {
  'too-old': 'too old',
  'no-snapshot': 'no snapshot that is not dated in the future',
  'getting-old': 'getting old',
  'not-verified': 'not verified',
  'from-the-future': 'a later one is dated in the future: look after the clock',
};

function lineText({ ageMs, faults, newest, snapshots }: LineCheck): string {
  const age = ageMs === undefined ? [] : [`newest ${formatAge(ageMs)} old`];
  const messages = newest?.messages === undefined ? [] : [countOf(newest.messages, 'message')];
  const said = faults.map((fault) => FAULT_TEXT[fault]);
  return [...age, ...said, ...messages, countOf(snapshots, 'snapshot')].join(', ');
}

/** `'label'=value[unit];warning;critical;minimum`. A line's name has no quote and no `=`. */
function performanceData({ line, ageMs, newest, snapshots }: LineCheck, thresholds: Thresholds): string[] {
  const limits = `${thresholds.warnAgeSeconds ?? ''};${thresholds.maxAgeSeconds};0`;
  return [
    ...(ageMs === undefined ? [] : [`'${line} age'=${Math.floor(ageMs / 1000)}s;${limits}`]),
    ...(newest === undefined ? [] : [`'${line} size'=${newest.bytes}B;;;0`]),
    `'${line} snapshots'=${snapshots};;;0`,
  ];
}

/** `check -j`. */
export function checkJson({ state, lines }: CheckReport): object {
  return {
    state,
    lines: lines.map(({ line, ageMs, faults, newest, snapshots }) => ({
      line,
      snapshots,
      newest: newest === undefined ? null : { snapshot: newest.shortId, time: isoTime(newest.time) },
      age_seconds: ageMs === undefined ? null : Math.floor(ageMs / 1000),
      faults,
    })),
  };
}
