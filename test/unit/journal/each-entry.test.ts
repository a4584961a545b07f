import { expect, it } from 'vitest';
import { InterruptedError } from '../../../src/errors.ts';
import { eachEntry, nextTurn } from '../../../src/journal/each-entry.ts';
import type { CurrentEntry } from '../../../src/journal/journal-file.ts';

function* entries(count: number): Generator<CurrentEntry> {
  for (let index = 0; index < count; index += 1) {
    yield { index, formerIds: [] } as unknown as CurrentEntry;
  }
}

it('does the work for each entry, in order', async () => {
  const seen: number[] = [];
  await eachEntry({}, entries(200), ({ index }) => seen.push(index));
  expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index));
});

it('lets a signal in after a few entries, and says that it goes on', async () => {
  const control = new AbortController();
  setImmediate(() => control.abort());
  let done = 0;
  const walk = eachEntry({ signal: control.signal }, entries(100_000), () => {
    done += 1;
  });
  await expect(walk).rejects.toThrow(InterruptedError);
  await expect(walk).rejects.toMatchObject({ state: 'goes-on' });
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(1000);
});

it('goes to the end what was begun before the signal: never half an entry', async () => {
  const control = new AbortController();
  control.abort();
  let done = 0;
  await eachEntry({ signal: control.signal }, entries(10), () => {
    done += 1;
  });
  expect(done).toBe(10);
  await expect(nextTurn(control.signal)).rejects.toThrow(InterruptedError);
});
