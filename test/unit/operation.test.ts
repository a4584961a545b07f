import { describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK_AND_CHANCE } from '../../src/clock-and-chance.ts';
import { BusyError } from '../../src/errors.ts';
import { whenFree } from '../../src/operation.ts';

/** A work that finds another at it so many times. */
function busy(times: number, code: 'locked' | 'postfix-running' = 'locked') {
  const calls = { count: 0 };
  const work = async (): Promise<string> => {
    calls.count += 1;
    if (calls.count <= times) {
      throw new BusyError(code, 'another is at work');
    }
    return 'done';
  };
  return { calls, work };
}

/** Each look at the clock is half a second later. */
function steps() {
  let now = 0;
  const clock = (): number => {
    now += 500;
    return now;
  };
  return { ...SYSTEM_CLOCK_AND_CHANCE, clock };
}

describe('a work that only one may do at a time', () => {
  it('is refused at once without patience', async () => {
    const { calls, work } = busy(1);
    await expect(whenFree({}, work)).rejects.toMatchObject({ code: 'locked' });
    expect(calls.count).toBe(1);
  });

  it('is done as soon as the other has ended', async () => {
    const { work } = busy(1);
    expect(await whenFree({ patience: 600 }, work)).toBe('done');
  });

  it('is refused when the patience is at its end', async () => {
    const { calls, work } = busy(9);
    await expect(whenFree({ patience: 1, clockAndChance: steps() }, work)).rejects.toMatchObject({ code: 'locked' });
    expect(calls.count).toBe(2);
  });

  it('does not wait for anything else', async () => {
    const { calls, work } = busy(1, 'postfix-running');
    await expect(whenFree({ patience: 600 }, work)).rejects.toMatchObject({ code: 'postfix-running' });
    expect(calls.count).toBe(1);
  });

  it('ends with the signal', async () => {
    const { work } = busy(9);
    const signal = AbortSignal.timeout(20);
    await expect(whenFree({ patience: 600, signal }, work)).rejects.toThrow(/abort/iu);
  });
});
