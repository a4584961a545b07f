import { describe, expect, test } from 'vitest';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { domainOf, isToDo } from '../../../src/plan/mail-domain.ts';
import { compileSelection } from '../../../src/plan/selection.ts';
import type { AgeTable } from '../../../src/report/queue-report.ts';
import { groupsOf } from '../../support/report/groups-of.ts';
import { STARTED, sampleLines } from '../../support/report/sample-queue-lines.ts';
import { INFO, reportOn } from '../../support/report/sample-report.ts';
import { strangeLines } from '../../support/report/strange-lines.ts';

const STRANGE_INFO = {
  ...INFO,
  left: 2,
  by_queue: { corrupt: { messages: 1, bytes: 300 }, saved: { messages: 1, bytes: 300 } },
};

const QUEUES: readonly (readonly [string, MessageLine[], Partial<Parameters<typeof reportOn>[1]>])[] = [
  ['a usual queue', [...sampleLines(500)], {}],
  ['a queue of strange mail', strangeLines(), { archive: STRANGE_INFO }],
  ['an empty queue', [], {}],
];

async function selected(lines: readonly MessageLine[], selection: Parameters<typeof compileSelection>[0]) {
  const compiled = await compileSelection(selection, 0);
  return lines.filter((line) => compiled.has(line));
}

describe.each(QUEUES)('the report on %s', (_, lines, changes) => {
  const report = reportOn(lines, changes);

  test('selects with each number just the messages that it counts', async () => {
    const groups = groupsOf(report);
    expect(groups.length).toBeGreaterThan(8);
    for (const { path, messages, selection } of groups) {
      expect([path, (await selected(lines, selection)).length]).toEqual([path, messages]);
    }
  });

  test.each([
    ['recipients', report.recipients],
    ['senders', report.senders],
  ] as const)('has for each cell of %s a row and a column that select it together', async (name, table: AgeTable) => {
    for (const { domain, ages, selection } of table.rows.slice(0, 25)) {
      for (const [column, count] of ages.entries()) {
        const both = { ...selection?.only, ...table.columns[column]?.selection?.only };
        const found = selection === null ? [] : await selected(lines, { only: both });
        const counted =
          name === 'senders'
            ? found.length
            : found
                .flatMap(({ recipients }) => recipients)
                .filter((one) => isToDo(one) && domainOf(one.address) === domain).length;
        expect([domain, column, selection === null ? count : counted]).toEqual([domain, column, count]);
      }
    }
  });

  test('counts each message once by queue, by size and by arrival', () => {
    const { total, by_queue, sizes, arrivals } = report;
    for (const groups of [by_queue, sizes, arrivals.bins]) {
      expect(groups.reduce((sum, { messages }) => sum + messages, 0)).toBe(total.messages);
    }
    expect(sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(total.bytes);
  });

  test('can be JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

test('tells the strange mail apart', () => {
  const { odd, malformed, total, expiring } = reportOn(strangeLines(), { archive: STRANGE_INFO });
  expect(Object.fromEntries(odd.map(({ kind, messages }) => [kind, messages]))).toEqual({
    malformed: 3,
    corrupt: 1,
    saved: 1,
    'forced-expiry': 1,
    left: 2,
  });
  expect(malformed.map(({ faults }) => faults[0])).toEqual(['no end record', 'no size record', 'cut']);
  expect(total).toMatchObject({
    messages: 19,
    oldest: '-271821-04-20T00:00:00.000Z',
    newest: '+275760-09-13T00:00:00.000Z',
  });
  expect(expiring).toMatchObject({ messages: 2, past: 2 });
});

test('sums the domains beyond the first, and says so', () => {
  const lines = Array.from({ length: 300 }, (_, number) => ({
    ...strangeLines()[0],
    recipients: [{ address: `x@d${number}.example` }],
  })) as MessageLine[];
  const { recipients } = reportOn(lines);
  expect(recipients.rows).toHaveLength(200);
  expect(recipients.others).toMatchObject({ domains: 100, messages: 100, recipients: 100 });
});

test('without lifetimes that are known, nothing is said of expiry', () => {
  expect(reportOn(sampleLines(10), { lifetimes: undefined }).expiring).toBeNull();
});

describe('what expires', () => {
  const lifetime = (seconds: number) => ({ text: `${seconds}s`, seconds });
  const [now, day] = [STARTED, 86_400];
  const line = (age: number, changes: Partial<MessageLine> = {}) =>
    ({ ...strangeLines()[0], sender: 'a@b.example', arrival_time: now - age, ...changes }) as MessageLine;

  test('is what will be past its lifetime within a day, but not on hold', () => {
    const lines = [
      line(4 * day - 1),
      line(4 * day),
      line(4 * day + 1),
      line(9 * day),
      line(9 * day, { queue_name: 'hold' }),
    ];
    const lifetimes = { maximal: lifetime(5 * day), bounce: lifetime(5 * day) };
    const { expiring } = reportOn(lines, { now, lifetimes });
    expect(expiring).toMatchObject({ messages: 2, past: 1 });
    expect(expiring?.selection?.only?.before).toBe(now - 4 * day);
  });

  test('has no selection where one by arrival would be wrong', () => {
    const lifetimes = { maximal: lifetime(5 * day), bounce: lifetime(day) };
    expect(reportOn([line(2 * day, { sender: 'MAILER-DAEMON' })], { now, lifetimes }).expiring).toMatchObject({
      messages: 1,
      selection: null,
    });
    const requeued = line(9 * day, { create_time: now });
    const alike = { maximal: lifetime(5 * day), bounce: lifetime(5 * day) };
    expect(reportOn([requeued], { now, lifetimes: alike }).expiring).toMatchObject({ messages: 0, selection: null });
  });
});
