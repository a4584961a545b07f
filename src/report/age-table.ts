/** The table of qshape(1) as a report has it: the first domains, the others summed, and what each column counts. */

import { AGE_LIMITS, type QueueShape, type ShapeRow } from '../inspect/queue-shape.ts';
import type { Criteria } from '../plan/criteria.ts';
import type { BaseSelection } from './base-selection.ts';
import type { AgeTable, DomainRow } from './queue-report.ts';

export interface AgeTableOptions {
  /** When the snapshot was begun: in seconds since the epoch. */
  readonly started: number;
  readonly base: BaseSelection;
  readonly select: (domain: string) => Criteria;
  readonly rows: number;
  /** In all: some may have no recipient that is still to do. */
  readonly messages: number;
}

export function ageTable(
  shape: QueueShape,
  { started, base, select, rows: maximum, messages }: AgeTableOptions,
): AgeTable {
  const rows = shape.rows();
  const named = rows.filter(({ domain }) => domain !== null);
  const shown = named.slice(0, maximum);
  const beyond = rows.slice(shown.length);
  const total = counts(shape.total());
  return {
    columns: [...AGE_LIMITS, null].map((limit, column) => ({
      below_minutes: limit,
      selection: base.with(arrivedWithin(column, started)),
    })),
    total: { ...total, selection: total.messages === messages ? base.all() : null },
    rows: shown.map((row): DomainRow => {
      const domain = row.domain ?? '';
      return { domain, ...counts(row), selection: domain === '' ? null : base.with(select(domain)) };
    }),
    others:
      beyond.length === 0
        ? null
        : { domains: rows.length === named.length ? beyond.length : null, ...beyond.map(counts).reduce(added) },
  };
}

/** An age is below its limit where the message arrived later; arrivals are whole seconds. */
function arrivedWithin(column: number, started: number): Criteria {
  const [below, from] = [AGE_LIMITS[column], AGE_LIMITS[column - 1]];
  return {
    ...(below === undefined ? {} : { since: firstSecondBelow(below, started) }),
    ...(from === undefined ? {} : { before: firstSecondBelow(from, started) }),
  };
}

function firstSecondBelow(minutes: number, started: number): number {
  return Math.floor(started - minutes * 60) + 1;
}

type Counts = Pick<ShapeRow, 'messages' | 'bytes' | 'recipients' | 'ages'>;

function counts({ messages, bytes, recipients, ages }: Counts): Counts {
  return { messages, bytes, recipients, ages };
}

function added(one: Counts, other: Counts): Counts {
  return {
    messages: one.messages + other.messages,
    bytes: one.bytes + other.bytes,
    recipients: one.recipients + other.recipients,
    ages: one.ages.map((count, index) => count + (other.ages[index] ?? 0)),
  };
}
