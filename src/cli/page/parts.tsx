/** The small parts that all sections of a page are made of. */

import type { Children, JSX } from 'preact/jsx-runtime';
import { localTime } from '../output/local-time.ts';
import { formatAge, formatCount } from '../output/quantity.ts';
import { printable } from '../output/stderr-line.ts';

/** A text from elsewhere: it can't turn the direction of what stands around it. */
export function Foreign({ text }: { readonly text: string }): JSX.Element {
  return <bdi>{printable(text)}</bdi>;
}

/** A command that stands beside a chart or a group. */
export function Way({
  line,
  label,
}: {
  readonly line: string | undefined;
  readonly label?: string;
}): JSX.Element | null {
  return line === undefined ? null : (
    <p class="way">
      {label === undefined ? null : <span class="way-label">{label}</span>}
      <code class="command">{printable(line)}</code>
    </p>
  );
}

export function CommandHead(): JSX.Element {
  return (
    <th scope="col">
      <span class="unseen">command</span>
    </th>
  );
}

/** The command of a row, out of sight until it is asked for. */
export function RowWay({ line, of }: { readonly line: string | undefined; readonly of: string }): JSX.Element {
  return line === undefined ? (
    <span class="faint">none</span>
  ) : (
    <details class="row-way">
      <summary aria-label={`$ list ${printable(of)}`}>$ list</summary>
      <code class="command">{printable(line)}</code>
    </details>
  );
}

/** The last cell of a row: its command. */
export function WayCell({ line, of }: { readonly line: string | undefined; readonly of: string }): JSX.Element {
  return (
    <td class="way-cell">
      <RowWay line={line} of={of} />
    </td>
  );
}

/** The head of a column of numbers. */
export function NumberHead({ children }: { readonly children: Children }): JSX.Element {
  return (
    <th scope="col" class="number">
      {children}
    </th>
  );
}

const SECONDS = /:\d\d (?=[+-]\d{4}$)/u;

/** To the minute. */
export function Moment({ iso }: { readonly iso: string | null }): JSX.Element {
  const time = iso === null ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? (
    <span class="faint">no time</span>
  ) : (
    <time datetime={new Date(time).toISOString().replace(/^\+0*(?=\d{5})/u, '')}>{minuteOf(time)}</time>
  );
}

export function minuteOf(time: number): string {
  return localTime(time).replace(SECONDS, ' ');
}

/** How long before: of what is ahead that it is. */
export function ageText(iso: string | null, now: number): string {
  const age = iso === null ? Number.NaN : now - Date.parse(iso);
  return Number.isNaN(age) ? 'of no time' : age < 0 ? 'ahead of the clock' : formatAge(age);
}

export function Count({ of }: { readonly of: number }): JSX.Element {
  return (
    <td class="number" data-value={of}>
      {formatCount(of)}
    </td>
  );
}

const BAR = 100;

export function ShareHead(): JSX.Element {
  return (
    <th scope="col">
      <span class="unseen">share</span>
    </th>
  );
}

export function BarCell(share: { readonly value: number; readonly maximum: number }): JSX.Element {
  return (
    <td class="bar-cell">
      <Bar {...share} />
    </td>
  );
}

/** A bar as long as a share of the longest. */
function Bar({ value, maximum }: { readonly value: number; readonly maximum: number }): JSX.Element {
  const width = maximum === 0 ? 0 : Math.round((value / maximum) * BAR * 10) / 10;
  return (
    <svg class="bar" viewBox={`0 0 ${BAR} 8`} preserveAspectRatio="none" aria-hidden="true">
      <rect width={width} height={8} />
    </svg>
  );
}

interface SectionParts {
  readonly id: string;
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly lead?: Children;
  readonly children: Children;
  readonly isWide?: boolean;
}

export function Section({ id, title, lead, children, isWide }: SectionParts): JSX.Element {
  return (
    <section id={id} class={isWide === true ? 'wide' : undefined} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

interface WideParts {
  readonly label: string;
  readonly children: Children;
  /** It has very many rows: it scrolls up and down, too. */
  readonly isTall?: boolean;
}

/** A table that may be wider than the screen: it scrolls by itself, by keys too. */
export function Wide({ label, children, isTall }: WideParts): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys (WCAG 2.1.1)
    <section class={isTall === true ? 'scroll tall' : 'scroll'} aria-label={`${label}: table`} tabIndex={0}>
      {children}
    </section>
  );
}
