import { describe, expect, it } from 'vitest';
import { Teller } from '../../../src/rights/teller.ts';

function makeTeller() {
  const sent: Record<string, unknown>[] = [];
  const clock = { now: 0 };
  const teller = new Teller({ send: (text) => void sent.push(JSON.parse(text)) }, () => clock.now);
  return { sent, clock, teller };
}

describe('the teller', () => {
  it('leaves out progress that is not due, and tells the first and the last of a phase', () => {
    const { sent, clock, teller } = makeTeller();
    const tell = (phase: string, done: number): void => teller.event({ kind: 'progress', phase, done, total: 10 });
    tell('reading', 1);
    tell('reading', 2);
    clock.now = 60;
    tell('reading', 3);
    tell('reading', 10);
    tell('writing', 1);
    tell('writing', 2);
    expect(sent.map(({ event }) => Object(event).phase + Object(event).done)).toEqual([
      'reading1',
      'reading3',
      'reading10',
      'writing1',
    ]);
  });

  it('tells every warning at once', () => {
    const { sent, teller } = makeTeller();
    teller.event({ kind: 'warning', message: 'a' });
    teller.event({ kind: 'warning', message: 'b' });
    expect(sent).toHaveLength(2);
  });

  it('tells many rows at a time, in their order, and all before the end', () => {
    const { sent, teller } = makeTeller();
    for (let row = 0; row < 450; row += 1) {
      teller.row(row);
    }
    teller.end({ report: 'done' });
    expect(sent.map(({ kind }) => kind)).toEqual(['rows', 'rows', 'rows', 'report']);
    expect(sent.flatMap(({ rows }) => rows ?? [])).toEqual(Array.from({ length: 450 }, (_, index) => index));
  });
});
