// Runs that take turns, and what is told of them: the machine's speed changes from minute to minute, and hits all alike.
import { median, pairedRatios } from './statistics.js';

/** One after the other, in an order that turns from run to run; the first run of each warms up. */
export function takeTurns(contenders, runs, measure) {
  const measured = new Map(contenders.map((contender) => [contender, []]));
  for (let run = 0; run <= runs; run += 1) {
    const first = run % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const taken = measure(contender);
      if (run > 0) {
        measured.get(contender).push(taken);
      }
    }
  }
  return measured;
}

export const TIME_HEADINGS = ['median s', 'min to max', 'processor s'];

/** One for each of TIME_HEADINGS. */
export function timeCells(runs) {
  const times = secondsOf(runs);
  return [
    median(times).toFixed(2),
    `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)}`,
    median(processorSecondsOf(runs)).toFixed(2),
  ];
}

/** Of time and of processor time, which other work on the machine disturbs less. */
export function ratios(runs, ofPeer) {
  return [secondsOf, processorSecondsOf]
    .map((figures) => median(pairedRatios(figures(runs), figures(ofPeer))).toFixed(2))
    .join(', ');
}

function secondsOf(runs) {
  return runs.map(({ seconds }) => seconds);
}

function processorSecondsOf(runs) {
  return runs.map(({ processorSeconds }) => processorSeconds);
}
