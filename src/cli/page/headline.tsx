/** The top of a page: what is in the queue, in words, and the few numbers that matter first. */

import type { JSX } from 'preact/jsx-runtime';
import type { Group, OddKind, QueueReport } from '../../report/queue-report.ts';
import { countOf, formatBytes, formatCount } from '../output/quantity.ts';
import { printable } from '../output/stderr-line.ts';
import type { PageWords } from './page-words.ts';
import { ageText, Foreign, Moment, RowWay, Way } from './parts.tsx';

interface HeadlineParts {
  readonly report: QueueReport;
  readonly words: PageWords;
}

export function Headline({ report, words }: HeadlineParts): JSX.Element {
  const { archive, total } = report;
  return (
    <header class="top" data-base={words.list(total.selection)}>
      <p class="eyebrow">
        Mail queue of{' '}
        <strong>{<Foreign text={archive.myhostname === '' ? 'a host without a name' : archive.myhostname} />}</strong>
        {archive.instance === '-' ? null : (
          <>
            , instance <Foreign text={archive.instance} />
          </>
        )}
        , as it was <Moment iso={archive.started} /> ({ageText(archive.started, words.now)} ago)
      </p>
      <h1>{headlineText(report)}</h1>
      <Way line={words.list(total.selection)} />
      <Tiles report={report} words={words} />
    </header>
  );
}

/** The first sentence, as it would be said. */
function headlineText({ archive, total, recipients, by_queue, expiring }: QueueReport): string {
  if (total.messages === 0) {
    return 'No message waits.';
  }
  const held = by_queue.find(({ queue_name }) => queue_name === 'hold')?.messages ?? 0;
  const [first] = recipients.rows;
  const parts = [
    `${countOf(total.messages, 'message')}, ${formatBytes(total.bytes)}, the oldest ${ageText(total.oldest, Date.parse(archive.started))}`,
    ...(first === undefined ? [] : [`${formatCount(first.messages)} wait for one domain`]),
    ...(held === 0 ? [] : [`${formatCount(held)} on hold`]),
    ...(expiring === null || expiring.messages === 0 ? [] : [`${formatCount(expiring.messages)} expire within a day`]),
  ];
  return `${parts.join('; ')}.`;
}

interface Tile {
  readonly number: number;
  readonly text: JSX.Element;
  readonly line: string | undefined;
  readonly tone: 'plain' | 'warm' | 'hot';
  readonly name: string;
}

function Tiles({ report, words }: HeadlineParts): JSX.Element {
  const tiles = tilesOf(report, words);
  return (
    <ul class="tiles">
      {tiles.map(({ number, text, line, tone, name }) => (
        <li key={name} class={`tile ${tone}`}>
          <span class="figure">{formatCount(number)}</span>
          <span class="words">{text}</span>
          {line === undefined ? null : <RowWay line={line} of={name} />}
        </li>
      ))}
    </ul>
  );
}

function tilesOf({ recipients, by_queue, expiring, odd, archive }: QueueReport, words: PageWords): Tile[] {
  const [first] = recipients.rows;
  const queues = by_queue.filter(({ queue_name, messages }) => queue_name === 'hold' && messages > 0);
  return [
    ...(first === undefined
      ? []
      : [
          tile(first, words, {
            name: `messages for ${printable(first.domain)}`,
            text: (
              <>
                wait for <Foreign text={first.domain} />
              </>
            ),
          }),
        ]),
    ...queues.map((group) =>
      tile(group, words, {
        name: 'messages on hold',
        text: <>on hold: nothing is delivered before it is released</>,
        tone: 'warm',
      }),
    ),
    ...(expiring === null
      ? []
      : [
          tile(expiring, words, {
            name: 'messages that expire',
            text: (
              <>
                expire within a day{expiring.past > 0 ? `, ${formatCount(expiring.past)} of them at once` : ''}, by the
                source’s lifetime of <Foreign text={expiring.maximal_queue_lifetime} />
              </>
            ),
            tone: expiring.messages > 0 ? 'hot' : 'plain',
          }),
        ]),
    ...odd.map((group) =>
      tile(group, words, {
        name: `messages that are ${ODD[group.kind]}`,
        text: <>{ODD[group.kind]}</>,
        tone: group.kind === 'left' ? 'plain' : 'hot',
      }),
    ),
    ...(archive.unreadable > 0
      ? [
          {
            number: archive.unreadable,
            text: <>could not be read, and are not in the archive</>,
            line: undefined,
            tone: 'hot' as const,
            name: 'unreadable',
          },
        ]
      : []),
  ];
}

const ODD: Readonly<Record<OddKind, string>> = {
  malformed: 'broken: their records are not as Postfix writes them',
  corrupt: 'in corrupt, where Postfix puts what it can’t read',
  saved: 'in saved',
  'forced-expiry': 'expired by hand: Postfix returns them',
  left: 'left the queue during the snapshot',
};

function tile(
  { messages, selection }: Group,
  words: PageWords,
  { name, text, tone = 'plain' }: { readonly name: string; readonly text: JSX.Element; readonly tone?: Tile['tone'] },
): Tile {
  return { number: messages, text, line: words.list(selection), tone, name };
}
