/** What `verify` found, in words. */

import type { VerifyReport } from '../../inspect/verify.ts';
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
    ...damaged.map(({ queue_name, queue_id, reason }) => `${queue_name}/${queue_id}: damaged: ${reason}`),
    ...malformed.map(
      ({ queue_name, queue_id, reason }) =>
        `${queue_name}/${queue_id}: was broken in the source queue already: ${reason}`,
    ),
  ];
}

function intactLines(report: VerifyReport, archive: string): string[] {
  return [
    `${archive} is intact.`,
    `${countOf(report.messages, 'message')}: every digest is right, and nothing is missing.`,
  ];
}

function damagedLines(report: VerifyReport, archive: string, salvage: string | undefined): string[] {
  const lines = [`${archive} is damaged.`];
  if (!report.sealed) {
    const intact = countOf(report.messages, 'message');
    lines.push(`It has no usable end: it was cut off, or never finished. Found in it: ${intact}.`);
  }
  if (report.damaged_frames > 0) {
    lines.push(`${report.damaged_frames} of its ${countOf(report.frames, 'part')} can't be read.`);
  }
  if (report.damaged.length > 0) {
    lines.push(
      `${countOf(report.damaged.length, 'queue file or log', 'queue files and logs')} can't be restored whole.`,
    );
  }
  if (report.messages > report.damaged.length) {
    lines.push(
      salvage === undefined
        ? 'What is intact can be restored, from a file that holds the archive.'
        : `What is intact can be restored. Next: ${salvage}`,
    );
  }
  return lines;
}
