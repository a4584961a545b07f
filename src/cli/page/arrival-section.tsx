/** When mail arrived, by queue: a chart, and behind it a table with its numbers. */

import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { JSX } from 'preact/jsx-runtime';
import type { MessageQueueName } from '../../queue/queue-name.ts';
import type { ArrivalBin, QueueReport } from '../../report/queue-report.ts';
import { countOf, formatCount } from '../output/quantity.ts';
import type { PageWords } from './page-words.ts';
import { CommandHead, Count, Moment, minuteOf, NumberHead, RowWay, Section, WayCell, Wide } from './parts.tsx';

const [WIDTH, HEIGHT] = [1000, 240] as const;

interface ArrivalParts {
  readonly arrivals: QueueReport['arrivals'];
  readonly by_queue: QueueReport['by_queue'];
  readonly words: PageWords;
}

export function ArrivalSection({ arrivals, by_queue, words }: ArrivalParts): JSX.Element {
  const queues = by_queue.filter(({ messages }) => messages > 0);
  const names = queues.map(({ queue_name }) => queue_name);
  const { bins, step_seconds } = arrivals;
  return (
    <Section
      id="arrivals"
      title="When it arrived"
      isWide
      lead={`Messages by the time of their arrival, in steps of ${stepText(step_seconds)}, and by the queue that they are in.`}
    >
      <figure>
        <Chart bins={bins} names={names} />
        <figcaption>
          <ul class="legend">
            {queues.map(({ queue_name, messages, selection }) => (
              <li key={queue_name} class={`queue-${queue_name}`}>
                {queue_name} <strong>{formatCount(messages)}</strong>
                <RowWay line={words.list(selection)} of={queue_name} />
              </li>
            ))}
          </ul>
        </figcaption>
      </figure>
      <details class="ways">
        <summary>The chart as a table, with commands</summary>
        <BinTable bins={bins} names={names} words={words} />
      </details>
    </Section>
  );
}

interface ChartParts {
  readonly bins: readonly ArrivalBin[];
  readonly names: readonly MessageQueueName[];
}

function Chart({ bins, names }: ChartParts): JSX.Element {
  const greatest = Math.max(1, ...bins.map(({ messages }) => messages));
  const y = scaleLinear().domain([0, greatest]).nice(4).range([HEIGHT, 0]);
  const x = scaleBand<number>().domain(bins.keys()).range([0, WIDTH]).paddingInner(0.12);
  const layers = stack<ArrivalBin, MessageQueueName>()
    .keys(names)
    .value(({ by_queue }, name) => by_queue[name] ?? 0)(bins);
  const ticks = y.ticks(4).filter(Number.isInteger);
  return (
    <div class="chart">
      <ol class="y-axis" aria-hidden="true">
        {ticks.toReversed().map((tick) => (
          <li key={tick}>{formatCount(tick)}</li>
        ))}
      </ol>
      <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        <title>Messages by the time of their arrival</title>
        {ticks.map((tick) => (
          <line key={tick} class="grid" x1={0} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
        ))}
        {bins.map((bin, index) => (
          <a key={index} href={`#arrival-${index}`}>
            <title>{`${binText(bin)}: ${countOf(bin.messages, 'message')}`}</title>
            <rect class="hit" x={round(x(index) ?? 0)} y={0} width={round(x.step())} height={HEIGHT} />
            {layers.map((layer) => {
              const [from = 0, to = 0] = layer[index] ?? [];
              return to === from ? null : (
                <rect
                  key={layer.key}
                  class={`queue-${layer.key}`}
                  x={round(x(index) ?? 0)}
                  y={round(y(to))}
                  width={round(x.bandwidth())}
                  height={round(y(from) - y(to))}
                />
              );
            })}
          </a>
        ))}
      </svg>
      <ol class="x-axis" aria-hidden="true">
        {axisBins(bins).map((bin) => (
          <li key={binText(bin)}>{axisText(bin)}</li>
        ))}
      </ol>
    </div>
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The first, the middle and the last. */
function axisBins(bins: readonly ArrivalBin[]): ArrivalBin[] {
  const middle = Math.floor(bins.length / 2);
  return [...new Set([bins[0], bins[middle], bins.at(-1)])].filter((bin) => bin !== undefined);
}

function axisText({ from, to }: ArrivalBin): string {
  return from === null ? `before ${to === null ? '' : zoneless(to)}` : zoneless(from);
}

const ZONE = / [+-]\d{4}$/u;

function zoneless(iso: string): string {
  return minuteOf(Date.parse(iso)).replace(ZONE, '');
}

function binText({ from, to }: ArrivalBin): string {
  if (from === null) {
    return to === null ? 'all' : `before ${zoneless(to)}`;
  }
  return to === null ? `from ${zoneless(from)} on, after the snapshot began` : `${zoneless(from)} to ${zoneless(to)}`;
}

function BinTable({ bins, names, words }: ChartParts & Pick<ArrivalParts, 'words'>): JSX.Element {
  return (
    <Wide label="Messages by arrival">
      <table class="sortable">
        <thead>
          <tr>
            <th scope="col">from</th>
            <th scope="col">to, not with it</th>
            <NumberHead>messages</NumberHead>
            {names.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
            <CommandHead />
          </tr>
        </thead>
        <tbody>
          {bins.map((bin, index) => (
            <tr key={index} id={`arrival-${index}`}>
              <td data-value={bin.from ?? ''}>
                {bin.from === null ? <span class="faint">ever</span> : <Moment iso={bin.from} />}
              </td>
              <td data-value={bin.to ?? '~'}>
                {bin.to === null ? <span class="faint">ever</span> : <Moment iso={bin.to} />}
              </td>
              <Count of={bin.messages} />
              {names.map((name) => (
                <Count key={name} of={bin.by_queue[name] ?? 0} />
              ))}
              <WayCell line={words.list(bin.selection)} of={binText(bin)} />
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

function stepText(seconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => seconds >= each && seconds % each === 0) ?? ['second', 1];
  return countOf(seconds / length, unit);
}
