/** What `verify` found, in words. */

import type { VerifyReport } from '../../inspect/verify.ts';
import type { FaultyFile } from '../../inspect/verify-run.ts';
import { isLogQueueName } from '../../queue/queue-name.ts';
import { countOf } from './quantity.ts';

/**
 * What `verify` found, for people.
 *
 * @param salvage a command that restores what is intact; undefined: the archive has no name
 */
export function verifySummary(report: VerifyReport, archive: string, salvage?: string): string {
  const lines = report.ok ? intactLines(report, archive) : damagedLines(report, archive, salvage);
  if (report.malformed.length > 0) {
    lines.push(`${countOf(report.malformed.length, 'message')} had broken records in the source queue already.`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** A line for each fault, for stderr. */
export function faultLines({ errors, damaged, malformed }: VerifyReport): string[] {
  return [
    ...errors,
    ...lossesOf(damaged).map(lossLine),
    ...malformed.map(
      ({ queue_name, queue_id, reason }) =>
        `${queue_name}/${queue_id}: was broken in the source queue already: ${reason}`,
    ),
  ];
}

/** A message that can't be read as it was written, with its logs that can't; or a log of a message that is whole. */
interface Loss {
  readonly file: FaultyFile;
  readonly logs: readonly string[];
}

/** A message's logs stand behind it; each message is told once. */
function lossesOf(damaged: readonly FaultyFile[]): Loss[] {
  const losses: { file: FaultyFile; logs: string[] }[] = [];
  for (const file of damaged) {
    const last = losses.at(-1);
    if (isLog(file) && last !== undefined && !isLog(last.file) && last.file.queue_id === file.queue_id) {
      last.logs.push(file.queue_name);
    } else {
      losses.push({ file, logs: [] });
    }
  }
  return losses;
}

function isLog({ queue_name }: FaultyFile): boolean {
  return isLogQueueName(queue_name);
}

function lossLine({ file, logs }: Loss): string {
  const { queue_name, queue_id, reason } = file;
  const what = isLog(file) ? 'this log of a message is lost, the message is not' : 'lost';
  const more = logs.length === 0 ? '' : `, with its ${logs.join(' and ')} ${logs.length === 1 ? 'log' : 'logs'}`;
  return `${queue_name}/${queue_id}: ${what}${more}: ${reason}`;
}

function intactLines(report: VerifyReport, archive: string): string[] {
  return [
    `${archive} is intact.`,
    `${countOf(report.messages, 'message')}: every digest is right, and nothing is missing.`,
  ];
}

/** Logs count with their message. */
function lossCounts({ damaged, messages }: VerifyReport): string[] {
  const losses = lossesOf(damaged);
  const lost = losses.filter(({ file }) => !isLog(file)).length;
  const logs = losses.length - lost;
  return [
    ...(lost === 0
      ? []
      : [`${lost} of its ${countOf(messages, 'message')} ${lost === 1 ? 'is' : 'are'} lost, named above.`]),
    ...(logs === 0 ? [] : [`${countOf(logs, 'message')} can be restored only without a log.`]),
  ];
}

function damagedLines(report: VerifyReport, archive: string, salvage: string | undefined): string[] {
  const lines = [`${archive} is damaged.`];
  if (!report.sealed) {
    const intact = countOf(report.messages, 'message');
    lines.push(`Found whole in it: ${intact}.`);
  }
  if (report.damaged_frames > 0) {
    lines.push(`${report.damaged_frames} of its ${countOf(report.frames, 'part')} can't be read.`);
  }
  if (report.damaged.length > 0) {
    lines.push(...lossCounts(report));
  }
  if (report.messages > lossesOf(report.damaged).filter(({ file }) => !isLog(file)).length) {
    lines.push(
      salvage === undefined
        ? 'What is intact can be restored, from a file that holds the archive.'
        : `What is intact can be restored. Next: ${salvage}`,
    );
  } else {
    lines.push('Nothing of it can be restored. Use another archive.');
  }
  return lines;
}
