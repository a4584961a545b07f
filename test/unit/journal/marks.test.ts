import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMark,
  encodeMark,
  GIVEN_UP,
  HANDED_OVER,
  type Mark,
  MessageStates,
  OPEN,
  openMarks,
  READY,
  UNCERTAIN,
  WAITING,
} from '../../../src/journal/marks.ts';

const index = fc.nat(9_999_999);
const anyMark: fc.Arbitrary<Mark> = fc.oneof(
  fc.record({ kind: fc.constantFrom('+' as const, '-' as const, '?' as const, '!' as const), index }),
  fc.record({ kind: fc.constant('~' as const), first: index, last: index }),
  fc.constant({ kind: '*' as const }),
);

describe('a mark', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyMark, (written) => {
        const text = encodeMark(written);
        expect(text.endsWith(';\n')).toBe(true);
        expect(decodeMark(text.slice(0, -1))).toEqual(written);
      }),
    );
  });

  it('is none when it is cut, or when a bit of it is another', () => {
    fc.assert(
      fc.property(anyMark, fc.nat(), fc.nat(7), (written, at, bit) => {
        const text = encodeMark(written).slice(0, -1);
        expect(decodeMark(text.slice(0, at % text.length))).toBeUndefined();
        const bytes = Buffer.from(text);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        expect(decodeMark(bytes.toString('latin1'))).toBeUndefined();
      }),
    );
  });
});

describe('the states of messages', () => {
  const statesBy = (...marks: readonly Mark[]): number[] => {
    const states = new MessageStates(4);
    for (const mark of marks) {
      states.note(mark);
    }
    return [0, 1, 2, 3].map((number) => states.of(number));
  };

  it('are open from the mark of their batch on', () => {
    expect(statesBy({ kind: '~', first: 1, last: 2 })).toEqual([WAITING, OPEN, OPEN, WAITING]);
  });

  it('are settled by the sync behind the next batch, and what of the batch has no mark was not made ready', () => {
    const marks: Mark[] = [
      { kind: '~', first: 0, last: 1 },
      { kind: '*' },
      { kind: '+', index: 0 },
      { kind: '~', first: 2, last: 3 },
    ];
    expect(statesBy(...marks)).toEqual([READY, OPEN, OPEN, OPEN]);
    expect(statesBy(...marks, { kind: '*' })).toEqual([HANDED_OVER, WAITING, OPEN, OPEN]);
  });

  it('are open for each of several ranges that follow one another, until the next ones are settled', () => {
    const marks: Mark[] = [
      { kind: '*' },
      ...openMarks([3, 1, 0]),
      { kind: '*' },
      { kind: '+', index: 3 },
      { kind: '~', first: 2, last: 2 },
    ];
    expect(marks.slice(1, 3)).toEqual([
      { kind: '~', first: 0, last: 1 },
      { kind: '~', first: 3, last: 3 },
    ]);
    expect(statesBy(...marks.slice(0, 4))).toEqual([OPEN, OPEN, WAITING, OPEN]);
    expect(statesBy(...marks)).toEqual([OPEN, OPEN, OPEN, READY]);
    expect(statesBy(...marks, { kind: '*' })).toEqual([WAITING, WAITING, OPEN, HANDED_OVER]);
    expect(statesBy(...marks, { kind: '*' }, ...openMarks([]), { kind: '*' })).toEqual([
      WAITING,
      WAITING,
      WAITING,
      HANDED_OVER,
    ]);
  });

  it('wait again where a power loss undid the ready bit, and are not settled by what was marked before', () => {
    const marks: Mark[] = [{ kind: '+', index: 0 }, { kind: '!', index: 0 }, { kind: '*' }];
    expect(statesBy(...marks)).toEqual([WAITING, WAITING, WAITING, WAITING]);
  });

  it('say what was given up, and what nobody can tell', () => {
    expect(statesBy({ kind: '-', index: 0 }, { kind: '?', index: 1 }).slice(0, 2)).toEqual([GIVEN_UP, UNCERTAIN]);
  });

  it('prove nothing by a mark that is not there once one may be missing', () => {
    const states = new MessageStates(1);
    states.doubt();
    expect(states.of(0)).toBe(OPEN);
  });
});
