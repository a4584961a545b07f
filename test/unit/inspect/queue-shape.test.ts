import { describe, expect, test } from 'vitest';
import { shapeJsonLine, shapeText } from '../../../src/cli/output/shape-text.ts';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { QueueShape } from '../../../src/inspect/queue-shape.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const NOW = 1_700_000_000;

function shapeOf(messages: readonly Partial<MessageLine>[], senders = false): QueueShape {
  const shape = new QueueShape({ senders, now: NOW });
  for (const message of messages) {
    shape.add(messageLine({ arrival_time: NOW - 60, message_size: 100, ...message }));
  }
  return shape;
}

describe('the shape of a queue', () => {
  test('counts recipients and messages, sizes and reasons by domain', () => {
    const busy = 'connect to mx: Connection timed out';
    const { rows, total } = summary([
      {
        recipients: [
          { address: 'a@x.org', delay_reason: busy },
          { address: 'b@x.org', delay_reason: busy },
        ],
      },
      {
        recipients: [
          { address: 'a@x.org', delay_reason: busy },
          { address: 'a@y.org', delay_reason: 'full' },
        ],
        arrival_time: NOW - 400,
      },
      { recipients: [{ address: 'a@x.org', delay_reason: 'full' }], arrival_time: NOW - 90_000 },
    ]);
    expect(rows).toEqual([
      {
        domain: 'x.org',
        messages: 3,
        bytes: 300,
        recipients: 4,
        ages: [2, 1, 0, 0, 0, 0, 0, 0, 0, 1],
        reasons: [
          { reason: busy, messages: 2 },
          { reason: 'full', messages: 1 },
        ],
      },
      {
        domain: 'y.org',
        messages: 1,
        bytes: 100,
        recipients: 1,
        ages: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        reasons: [{ reason: 'full', messages: 1 }],
      },
    ]);
    expect(total).toMatchObject({ messages: 3, recipients: 5 });
  });

  test('does not count a recipient whose bounce is pending: it is done', () => {
    const recipients = [{ address: 'a@x.org', bounce_reason: 'unknown' }, { address: 'a@y.org' }];
    expect(summary([{ recipients }]).rows.map(({ domain }) => domain)).toEqual(['y.org']);
    expect(summary([{ recipients }], true).rows[0]).toMatchObject({
      domain: 'example.com',
      reasons: [{ reason: 'unknown', messages: 1 }],
    });
  });

  test('counts recipients that the catalogue has no room for as of other domains', () => {
    const { rows, total } = summary([{ recipients: [{ address: 'a@x.org' }], recipients_omitted: 7 }]);
    expect(rows.map(({ domain, recipients }) => [domain, recipients])).toEqual([
      ['x.org', 1],
      [null, 7],
    ]);
    expect(total.recipients).toBe(8);
  });

  test('holds no more than its maxima, whatever strangers write: the rest is counted together', () => {
    const shape = new QueueShape({ senders: false, now: NOW, rowMaximum: 10, reasonMaximum: 8 });
    for (let number = 0; number < 30; number += 1) {
      const reason = `reason ${number} ${'x'.repeat(500)}`;
      shape.add(messageLine({ recipients: [{ address: `a@${'d'.repeat(300)}${number}`, delay_reason: reason }] }));
    }
    const rows = shape.rows();
    expect(rows).toHaveLength(11);
    expect(rows.at(-1)).toMatchObject({ domain: null, recipients: 20, reasons: [{ reason: null, messages: 20 }] });
    expect(rows[0]?.domain).toHaveLength(255);
    expect(rows[0]?.reasons[0]?.reason).toHaveLength(160);
    expect(rows[9]?.reasons).toEqual([{ reason: null, messages: 1 }]);
    expect(shape.total()).toMatchObject({ messages: 30, recipients: 30 });
  });
});

describe('in words', () => {
  const messages = [{ recipients: [{ address: 'a@x\u001b.org', delay_reason: 'full\u0007' }] }];

  test('nothing of it reaches the terminal raw, and the reasons stand below', () => {
    const text = shapeText(summary(messages));
    expect(text).toContain('x?.org  1  1  0');
    expect(text).toContain('\nx?.org: 1 message, 100 bytes\n  1  full?\n');
  });

  test('as JSON the ages have the names of the columns', () => {
    const [row] = summary(messages).rows;
    if (row === undefined) throw new Error('no row');
    expect(JSON.parse(shapeJsonLine(row))).toEqual({
      domain: 'x\u001b.org',
      messages: 1,
      bytes: 100,
      recipients: 1,
      ages: { '5': 1, '10': 0, '20': 0, '40': 0, '80': 0, '160': 0, '320': 0, '640': 0, '1280': 0, '1280+': 0 },
      reasons: [{ reason: 'full\u0007', messages: 1 }],
    });
  });
});

function summary(messages: readonly Partial<MessageLine>[], senders = false) {
  const shape = shapeOf(messages, senders);
  return { rows: shape.rows(), total: shape.total() };
}
