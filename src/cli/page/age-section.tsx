/** Who waits for how long: the table of qshape(1) as a heat map. */

import { scalePow } from 'd3-scale';
import type { JSX } from 'preact/jsx-runtime';
import type { AgeTable, DomainRow } from '../../report/queue-report.ts';
import { formatBytes, formatCount } from '../output/quantity.ts';
import type { PageWords } from './page-words.ts';
import { CommandHead, Count, Foreign, NumberHead, RowWay, Section, Way, WayCell, Wide } from './parts.tsx';

export interface AgeSectionParts {
  readonly id: string;
  readonly title: string;
  readonly isOfRecipients: boolean;
  readonly table: AgeTable;
  readonly words: PageWords;
}

const LEVELS = 8;
/** Few must be seen beside many. */
const EXPONENT = 0.35;

export function AgeSection({ id, title, isOfRecipients, table, words }: AgeSectionParts): JSX.Element {
  const greatest = Math.max(1, ...table.rows.flatMap(({ ages }) => ages));
  const heat = scalePow().exponent(EXPONENT).domain([0, greatest]).range([0, LEVELS]);
  const levelOf = (count: number): number => (count === 0 ? 0 : Math.max(1, Math.round(heat(count))));
  return (
    <Section
      id={id}
      title={title}
      isWide
      lead={`${isOfRecipients ? 'Recipients' : 'Messages'} by age, when the snapshot was taken, as qshape counts them: each column is younger than its head, and older than the column before.`}
    >
      <Wide label={title} isTall>
        <table class="ages sortable filtered">
          <thead>
            <tr>
              <th scope="col">domain</th>
              <NumberHead>messages</NumberHead>
              <NumberHead>size</NumberHead>
              {isOfRecipients ? <NumberHead>recipients</NumberHead> : null}
              {table.columns.map(({ below_minutes, selection }) => (
                <th
                  key={below_minutes ?? 0}
                  scope="col"
                  class="number age"
                  title={below_minutes === null ? undefined : `younger than ${below_minutes} minutes`}
                  data-options={words.options(selection)}
                >
                  {ageHead(below_minutes)}
                </th>
              ))}
              <CommandHead />
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <Row key={row.domain} row={row} words={words} heat={{ levelOf, isOfRecipients }} />
            ))}
          </tbody>
          <tfoot>
            {table.others === null ? null : (
              <Summed
                name={othersText(table.others.domains)}
                row={table.others}
                line={undefined}
                isOfRecipients={isOfRecipients}
              />
            )}
            <Summed
              name="in all"
              row={table.total}
              line={words.list(table.total.selection)}
              isOfRecipients={isOfRecipients}
            />
          </tfoot>
        </table>
      </Wide>
      <AgeWays table={table} words={words} />
    </Section>
  );
}

function othersText(domains: number | null): string {
  return domains === null
    ? 'more domains, summed: a message counts for each'
    : `${formatCount(domains)} more ${domains === 1 ? 'domain' : 'domains, summed: a message counts for each'}`;
}

interface RowParts {
  readonly row: DomainRow;
  readonly words: PageWords;
  readonly heat: { readonly levelOf: (count: number) => number; readonly isOfRecipients: boolean };
}

function Row({ row, words, heat: { levelOf, isOfRecipients } }: RowParts): JSX.Element {
  return (
    <tr data-options={words.options(row.selection)}>
      <th scope="row">
        <Foreign text={row.domain === '' ? '(no domain)' : row.domain} />
      </th>
      <Count of={row.messages} />
      <td class="number" data-value={row.bytes}>
        {formatBytes(row.bytes)}
      </td>
      {isOfRecipients ? <Count of={row.recipients} /> : null}
      {row.ages.map((count, column) => (
        <td key={column} class={`number age heat-${levelOf(count)}`}>
          {count === 0 ? <span class="faint">0</span> : formatCount(count)}
        </td>
      ))}
      <WayCell line={words.list(row.selection)} of={row.domain} />
    </tr>
  );
}

function Summed({
  name,
  row,
  line,
  isOfRecipients,
}: {
  readonly name: string;
  readonly isOfRecipients: boolean;
  readonly row: Pick<DomainRow, 'messages' | 'bytes' | 'recipients' | 'ages'>;
  readonly line: string | undefined;
}): JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{formatCount(row.messages)}</td>
      <td class="number">{formatBytes(row.bytes)}</td>
      {isOfRecipients ? <td class="number">{formatCount(row.recipients)}</td> : null}
      {row.ages.map((count, column) => (
        <td key={column} class="number age">
          {formatCount(count)}
        </td>
      ))}
      <td class="way-cell">{line === undefined ? null : <RowWay line={line} of={name} />}</td>
    </tr>
  );
}

/** What a column adds to a command: with a row's domain it is one cell. */
function AgeWays({ table, words }: Pick<AgeSectionParts, 'table' | 'words'>): JSX.Element {
  return (
    <details class="ways">
      <summary>Commands for one age</summary>
      <p class="lead">With the options of a row it is the messages of one cell.</p>
      {table.columns.map(({ below_minutes, selection }) => (
        <Way key={below_minutes ?? 0} label={ageHead(below_minutes)} line={words.list(selection)} />
      ))}
    </details>
  );
}

const HOUR = 60;

function ageHead(minutes: number | null): string {
  if (minutes === null) {
    return 'older';
  }
  const rest = minutes % HOUR;
  return minutes < 2 * HOUR ? `${minutes} min` : `${Math.floor(minutes / HOUR)} h ${rest}`;
}
