import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeBackup, type Scenario, type Verdict, type Weakness } from './simulated-backup.ts';

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  numbers: fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }),
  messages: fc.integer({ min: 1, max: 6 }),
  longIds: fc.boolean(),
  birthTimes: fc.boolean(),
  quietSteps: fc.integer({ min: 0, max: 500 }),
  administratorMoves: fc.integer({ min: 0, max: 2 }),
  pickupSteps: fc.oneof(fc.constant(3), fc.integer({ min: 0, max: 500 })),
});

/** What the model found wrong once. */
const FOUND: Scenario[] = [
  // Another message has the T record of one that pickup took after the last listing: the copy must not count as left.
  {
    numbers: Uint8Array.from([131, 60, 200, 7]),
    messages: 4,
    longIds: false,
    birthTimes: true,
    quietSteps: 138,
    administratorMoves: 0,
    pickupSteps: 3,
  },
  // The ID of a message that was read is used again, by a message of another size and the same T record.
  {
    numbers: Uint8Array.from([64, 0, 23, 122]),
    messages: 4,
    longIds: false,
    birthTimes: true,
    quietSteps: 76,
    administratorMoves: 1,
    pickupSteps: 3,
  },
  // A message is requeued twice, and its second successor, which is not complete yet, has its first ID.
  {
    numbers: Uint8Array.from([0, 191, 169, 185, 159, 0, 5]),
    messages: 5,
    longIds: false,
    birthTimes: false,
    quietSteps: 105,
    administratorMoves: 2,
    pickupSteps: 3,
  },
  // The same, and it is complete before it is read again.
  {
    numbers: Uint8Array.from([212, 152, 105, 8, 165, 165]),
    messages: 4,
    longIds: false,
    birthTimes: false,
    quietSteps: 88,
    administratorMoves: 2,
    pickupSteps: 3,
  },
  // The ID of a message that left is used again and again, and the last to use it is gone after the last listing.
  {
    numbers: Uint8Array.from([158, 0, 48, 184, 8]),
    messages: 5,
    longIds: false,
    birthTimes: true,
    quietSteps: 3,
    administratorMoves: 1,
    pickupSteps: 3,
  },
  // Messages with equal T records ask for round upon round; in the last one much vanishes, and has new IDs.
  {
    numbers: Uint8Array.from([171, 188, 23, 94, 6, 237, 58, 109, 0, 107, 94, 0]),
    messages: 6,
    longIds: true,
    birthTimes: true,
    quietSteps: 347,
    administratorMoves: 2,
    pickupSteps: 3,
  },
];

const SAMPLES = 10_000;
const RUNS = Number(process.env['POSTSNAP_INTERLEAVINGS'] ?? 2000);

/** In how many runs something went wrong, when it had twice. */
async function runsUntilSeen(weakness: Weakness, how: { isSelective?: boolean } = {}): Promise<number | undefined> {
  let faulty = 0;
  for (const [run, scenario] of fc.sample(scenarios, { numRuns: SAMPLES, seed: 20_260_101 }).entries()) {
    faulty += (await judgeBackup(scenario, weakness, how)).faults.length > 0 ? 1 : 0;
    if (faulty === 2) {
      return run + 1;
    }
  }
  return undefined;
}

describe('a snapshot of a running queue', () => {
  it('has every message that stayed once, and the log line of every bounce', async () => {
    const verdicts: Verdict[] = [];
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const verdict = await judgeBackup(scenario);
        verdicts.push(verdict);
        expect(verdict.faults).toEqual([]);
      }),
      { numRuns: RUNS, examples: FOUND.map((scenario): [Scenario] => [scenario]) },
    );
    const sum = (count: (verdict: Verdict) => number): number =>
      verdicts.reduce((total, verdict) => total + count(verdict), 0);
    const stayed = sum((verdict) => verdict.stayed);
    const left = sum((verdict) => verdict.left);
    const moves = sum((verdict) => verdict.moves);
    console.info(
      `${verdicts.length} interleavings: ${sum((verdict) => verdict.steps)} calls, ${moves} moves, ${stayed} messages` +
        ` stayed, ${sum((verdict) => verdict.copies)} copies of which ${left} had left, ` +
        `${sum((verdict) => verdict.snapshot.rounds.length)} rounds`,
    );
    // Otherwise nothing is proven.
    expect(stayed).toBeGreaterThan(RUNS);
    expect(left).toBeGreaterThan(RUNS / 10);
    expect(moves).toBeGreaterThan(RUNS * 50);
  });

  it('has every message that was chosen by its ID, and stayed, under whatever ID it went on, or names it', async () => {
    const verdicts: Verdict[] = [];
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const verdict = await judgeBackup(scenario, {}, { isSelective: true });
        verdicts.push(verdict);
        expect(verdict.faults).toEqual([]);
      }),
      { numRuns: RUNS, examples: FOUND.map((scenario): [Scenario] => [scenario]) },
    );
    const sum = (count: (verdict: Verdict) => number): number =>
      verdicts.reduce((total, verdict) => total + count(verdict), 0);
    const [chosen, missing] = [sum((verdict) => verdict.chosen), sum((verdict) => verdict.missing)];
    console.info(
      `${verdicts.length} interleavings: ${chosen} chosen messages stayed, of which ${missing} are named as missing`,
    );
    expect(chosen).toBeGreaterThan(RUNS / 2);
    // The model moves mail far more often, and gives queue IDs again far more often, than any Postfix.
    expect(missing).toBeLessThan(chosen / 10);
  });

  it('goes wrong where a message is chosen, and what it went on as is not, and that is seen', async () => {
    const runs = await runsUntilSeen({ forgetsSuccessors: true }, { isSelective: true });
    expect(runs).toBeDefined();
  });

  it.each<[string, Weakness]>([
    ['one listing instead of five', { tuning: { listings: 1, lookupRounds: 1 } }],
    ['a first listing only', { tuning: { listings: 1, maximumRounds: 1 } }],
    ['no reading of what has a new ID', { tuning: { readsSuccessors: false } }],
    ['no look for messages that were read under two IDs', { tuning: { maximumTwinRounds: 0 } }],
    ['logs read before the message', { logsFirst: true }],
  ])('goes wrong with %s, and that is seen', async (name, weakness) => {
    const runs = await runsUntilSeen(weakness);
    console.info(`${name}: twice wrong in ${runs} interleavings`);
    expect(runs).toBeDefined();
  });
});
