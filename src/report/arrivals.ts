/** Messages over the time of their arrival, by queue, in steps that people think in. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { type BaseSelection, isoOf, LIVE_QUEUES } from './base-selection.ts';
import { NumberColumn } from './number-column.ts';
import type { ArrivalBin, QueueReport } from './queue-report.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** From the least; the last one that is too small is doubled. */
const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 28 * DAY];
const BINS_MAXIMUM = 48;
/** So many of a thousand may be older than the first bin with a beginning: a wrong clock must not make one bin of all. */
const STRAY_SHARE = 0.01;

export class Arrivals {
  readonly #times = new NumberColumn();
  readonly #queues: number[] = [];

  add({ arrival_time, queue_name }: Pick<MessageLine, 'arrival_time' | 'queue_name'>): void {
    this.#times.add(arrival_time);
    this.#queues.push(LIVE_QUEUES.indexOf(queue_name));
  }

  oldest(): number | undefined {
    return this.#times.size === 0 ? undefined : this.#times.values().reduce((one, other) => Math.min(one, other));
  }

  newest(): number | undefined {
    return this.#times.size === 0 ? undefined : this.#times.values().reduce((one, other) => Math.max(one, other));
  }

  /** @param started when the snapshot was begun: in seconds since the epoch */
  bins(started: number, base: BaseSelection): QueueReport['arrivals'] {
    const scale = scaleOf(this.#times.values(), started);
    if (scale === undefined) {
      return { step_seconds: 0, bins: [] };
    }
    const counts = Array.from({ length: scale.edges.length + 1 }, () => LIVE_QUEUES.map(() => 0));
    for (const [number, time] of this.#times.values().entries()) {
      const bin = counts[binOf(scale, time)];
      const queue = this.#queues[number] ?? 0;
      if (bin !== undefined) {
        bin[queue] = (bin[queue] ?? 0) + 1;
      }
    }
    return { step_seconds: scale.step, bins: told(scale, counts, base) };
  }
}

interface Scale {
  readonly step: number;
  /** Between the bins. */
  readonly edges: readonly number[];
}

/** Bins end where the snapshot began; what arrived later, by a wrong clock, has one of its own, and so has what is far older. */
function scaleOf(times: Float64Array, started: number): Scale | undefined {
  const known = times.filter((time) => time <= started).sort();
  const first = known[Math.floor(known.length * STRAY_SHARE)];
  if (first === undefined) {
    return times.length === 0 ? undefined : { step: MINUTE, edges: [Math.floor(started) + 1] };
  }
  const span = started - first;
  let step = STEPS.find((each) => span / each < BINS_MAXIMUM) ?? 28 * DAY;
  while (span / step >= BINS_MAXIMUM) {
    step *= 2;
  }
  const edges: number[] = [];
  for (let edge = Math.floor(first / step) * step; edge <= started; edge += step) {
    edges.push(edge);
  }
  return { step, edges: [...edges, Math.floor(started) + 1] };
}

/** 0 is before the first edge. */
function binOf({ step, edges }: Scale, time: number): number {
  const [first = 0, last = 0] = [edges[0], edges.at(-1)];
  if (time < first) {
    return 0;
  }
  return time >= last ? edges.length : Math.min(Math.floor((time - first) / step) + 1, edges.length - 1);
}

function told({ edges }: Scale, counts: readonly number[][], base: BaseSelection): ArrivalBin[] {
  return counts.flatMap((byQueue, index) => {
    const [since, before] = [edges[index - 1], edges[index]];
    const messages = byQueue.reduce((sum, count) => sum + count, 0);
    // The open bins are there only for what is in them.
    if (messages === 0 && (since === undefined || before === undefined)) {
      return [];
    }
    const times = { ...(since === undefined ? {} : { since }), ...(before === undefined ? {} : { before }) };
    const by_queue = Object.fromEntries(
      LIVE_QUEUES.flatMap((name, at): [MessageQueueName, number][] => {
        const count = byQueue[at] ?? 0;
        return count === 0 ? [] : [[name, count]];
      }),
    );
    return [
      {
        from: since === undefined ? null : isoOf(since),
        to: before === undefined ? null : isoOf(before),
        messages,
        by_queue,
        selection: base.with(times),
      },
    ];
  });
}
