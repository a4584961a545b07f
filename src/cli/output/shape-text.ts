/** The shape of a queue in the columns of qshape(1), with the reasons of its logs. */

import { AGE_LIMITS, type ShapeRow } from '../../inspect/queue-shape.ts';
import { countOf, formatBytes, formatCount } from './quantity.ts';
import { printable } from './stderr-line.ts';
import { formatTable } from './table.ts';

const HEADS = ['T', ...AGE_LIMITS.map(String), `${AGE_LIMITS.at(-1) ?? ''}+`];
/** As qshape(1) has it by default. */
const TERMINAL_WIDTH = 80;
const DOMAIN_WIDTH_MINIMUM = 18;
const OTHERS = '(other domains)';
const OTHER_REASONS = '(other reasons)';
/** Domains whose reasons are told, and how many of these. */
const EXPLAINED_MAXIMUM = 10;
const REASONS_MAXIMUM = 3;

/** The table of qshape(1), in its columns, and below it why the mail of the first domains waits. */
export function shapeText({ total, rows }: { readonly total: ShapeRow; readonly rows: readonly ShapeRow[] }): string {
  const widths = [total.recipients, ...total.ages].map((count, column) => widthOf(count, HEADS[column] ?? ''));
  const domainWidth = Math.max(DOMAIN_WIDTH_MINIMUM, TERMINAL_WIDTH - widths.reduce((sum, width) => sum + width, 0));
  const line = (name: string, cells: readonly string[]): string =>
    `${fitted(name, domainWidth)}${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('')}\n`;
  const counts = ({ recipients, ages }: ShapeRow): string[] => [recipients, ...ages].map(String);
  return [
    line('', HEADS),
    line('TOTAL', counts(total)),
    ...rows.map((row) => line(nameOf(row), counts(row))),
    ...rows
      .filter(({ reasons }) => reasons.length > 0)
      .slice(0, EXPLAINED_MAXIMUM)
      .map(explanation),
  ].join('');
}

/** A row as a line of JSON; ages are named as the columns of the table are. */
export function shapeJsonLine({ domain, messages, bytes, recipients, ages, reasons }: ShapeRow): string {
  const byAge = Object.fromEntries(ages.map((count, index) => [HEADS[index + 1] ?? '', count]));
  return `${JSON.stringify({ domain, messages, bytes, recipients, ages: byAge, reasons })}\n`;
}

function explanation(row: ShapeRow): string {
  const shown = row.reasons.slice(0, REASONS_MAXIMUM);
  const table = shown.map(({ reason, messages }) => [
    formatCount(messages),
    reason === null ? OTHER_REASONS : printable(reason),
  ]);
  const head = `${nameOf(row)}: ${countOf(row.messages, 'message')}, ${formatBytes(row.bytes)}`;
  return `\n${head}\n${formatTable(table, ['right', 'left'])}`;
}

function nameOf({ domain }: ShapeRow): string {
  return domain === null ? OTHERS : printable(domain);
}

/** Of a name that is too long the end is shown, behind a plus sign. */
function fitted(name: string, width: number): string {
  return name.length > width ? `+${name.slice(-(width - 1))}` : name.padStart(width);
}

function widthOf(count: number, head: string): number {
  const width = Math.max(String(count).length, head.length);
  return width > 2 ? width + 1 : 3;
}
