/** The JSON of a restore: its report, and the lines of its map, with words beside the codes. */

import type { Finding } from '../../plan/finding.ts';
import type { RouteTotals } from '../../plan/routes.ts';
import type { MessageMapping, RestoreReport } from '../../restore/options.ts';
import type { QueueCommands } from './queue-commands.ts';
import { findingText, reasonText } from './reason-text.ts';

/** The report as one line. `warnings` are those that were told, also the words of findings. */
export function restoreReportJson(report: RestoreReport, warnings: readonly string[], commands: QueueCommands): string {
  const routes = report.routes.map(routeJson);
  return `${JSON.stringify({ ...report, routes, warnings, findings: report.findings.map((finding) => findingJson(finding, commands)) })}\n`;
}

function routeJson({ oldest, newest, ...route }: RouteTotals): object {
  return { ...route, oldest: isoTime(oldest), newest: isoTime(newest) };
}

/** What is no time, out of an archive, is null. */
function isoTime(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function findingJson(finding: Finding, commands: QueueCommands): object {
  const { code, severity, messages, bytes, examples, ...facts } = finding;
  return { code, severity, messages, bytes, examples, facts: inSnakeCase(facts), text: findingText(finding, commands) };
}

/** Members of the JSON are named as Postfix names its own. */
function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inSnakeCase);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [snakeCase(name), inSnakeCase(inner)]))
    : value;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

export interface MappingOptions {
  /** Whether nothing is done, and the line says so. */
  readonly dryRun: boolean;
  readonly commands: QueueCommands;
}

/** A line of the map. That of a dry run says that it is one: nothing in it was done. */
export function mappingJson({ reason, ...mapping }: MessageMapping, { dryRun, commands }: MappingOptions): string {
  const told = reason === null ? null : reasonText(reason, commands);
  const line = { ...mapping, reason: told, code: reason?.code ?? null };
  return `${JSON.stringify(dryRun ? { ...line, dry_run: true } : line)}\n`;
}

/** Whether a line of a map says that it is of a dry run. */
export function isDryRunLine(line: string): boolean {
  return line.startsWith('{"queue_name":') && line.endsWith('"dry_run":true}');
}
