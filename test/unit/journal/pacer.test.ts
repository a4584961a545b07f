import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PaceClock, Pacer } from '../../../src/journal/pacer.ts';
import { decodeRate, encodeRate, type Rate, secondsFor, spanOf } from '../../../src/pace.ts';

/** A clock that stands still but while somebody sleeps, or works. */
class Clock implements PaceClock {
  time = 5000;
  now = (): number => this.time;
  sleep = (milliseconds: number): Promise<void> => {
    this.time += milliseconds;
    return Promise.resolve();
  };
}

interface Let {
  readonly began: number;
  readonly ended: number;
  readonly messages: number;
}

/** @param works how long each slice takes, in turn */
async function letGo(rate: Rate, messages: number, works: readonly number[]): Promise<Let[]> {
  const clock = new Clock();
  const pacer = new Pacer(rate, clock);
  const slices: Let[] = [];
  for (let left = messages; left > 0; ) {
    await pacer.wait(undefined);
    const began = clock.now();
    const count = Math.min(left, pacer.slice);
    clock.time += works[slices.length % works.length] ?? 0;
    pacer.note(count);
    slices.push({ began, ended: clock.now(), messages: count });
    left -= count;
  }
  return slices;
}

/** The most messages that may have been let go in any span: of a slice nobody knows when in it. */
function mostWithin(slices: readonly Let[], span: number): number {
  const counts = slices.map(({ ended }) =>
    slices.filter((one) => one.began < ended + span && one.ended >= ended).reduce((sum, one) => sum + one.messages, 0),
  );
  return Math.max(...counts);
}

const rates = fc.record({
  messages: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5000 })),
  per: fc.constantFrom('s' as const, 'min' as const, 'h' as const),
});

describe('a pace', () => {
  it('lets go no more in any span than its rate says, however long the slices take', async () => {
    const works = fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rates, works, fc.integer({ min: 1, max: 400 }), async (rate, durations, slices) => {
        const messages = slices * new Pacer(rate, new Clock()).slice;
        const slicesOf = await letGo(rate, messages, durations);
        expect(mostWithin(slicesOf, spanOf(rate))).toBeLessThanOrEqual(rate.messages);
        expect(slicesOf.reduce((sum, one) => sum + one.messages, 0)).toBe(messages);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['300/min', 3000, 600],
    ['60/min', 120, 120],
    ['10/s', 100, 10],
    ['2/h', 10, 18_000],
    ['7/min', 70, 600],
  ])('%s lets %i go in some %i seconds', async (text, messages, seconds) => {
    const rate = decodeRate(text) as Rate;
    const slices = await letGo(rate, messages, [80]);
    const took = ((slices.at(-1)?.began ?? 0) - 5000) / 1000;
    expect(secondsFor(rate, messages)).toBe(seconds);
    expect(took).toBeLessThanOrEqual(seconds * 1.1);
    expect(took).toBeGreaterThanOrEqual(seconds * 0.8);
  });

  it('never makes up for what was missed', async () => {
    const slices = await letGo({ messages: 60, per: 'min' }, 100, [0, 0, 600_000, 0]);
    const [, , , fourth, fifth] = slices;
    expect((fifth?.began ?? 0) - (fourth?.began ?? 0)).toBeGreaterThanOrEqual(4900);
  });

  it.each(['1/s', '300/min', '999999999/h'])('%s is written as it is read', (text) => {
    expect(encodeRate(decodeRate(text) as Rate)).toBe(text);
  });

  it.each(['0/min', '-1/s', '1/d', '1.5/s', '5', '/s', '5/S', '05/s', '1000000000/s', ' 5/s', '5/s '])(
    '%s is no rate',
    (text) => {
      expect(decodeRate(text)).toBeUndefined();
    },
  );
});
