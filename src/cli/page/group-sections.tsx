/** Why mail waits, and how big it is: groups with their shares. */

import type { JSX } from 'preact/jsx-runtime';
import type { QueueReport, SizeBin } from '../../report/queue-report.ts';
import { countOf, formatBytes, formatCount } from '../output/quantity.ts';
import type { PageWords } from './page-words.ts';
import { BarCell, CommandHead, Count, Foreign, NumberHead, Section, ShareHead, WayCell, Wide } from './parts.tsx';

interface ReasonParts {
  readonly reasons: QueueReport['reasons'];
  readonly words: PageWords;
}

export function ReasonSection({ reasons: { groups, others }, words }: ReasonParts): JSX.Element {
  const greatest = groups[0]?.messages ?? 0;
  return (
    <Section
      id="reasons"
      title="Why it waits"
      isWide
      lead="Reasons from the defer and bounce logs, grouped; addresses and numbers that are others in each message are shown as *."
    >
      {groups.length === 0 ? (
        <p>No log names a reason.</p>
      ) : (
        <Wide label="Reasons">
          <table class="reasons sortable">
            <thead>
              <tr>
                <th scope="col">reason</th>
                <NumberHead>messages</NumberHead>
                <ShareHead />
                <CommandHead />
              </tr>
            </thead>
            <tbody>
              {groups.map(({ reason, messages, selection }) => (
                <tr key={reason}>
                  <td class="reason">
                    <Foreign text={reason === '' ? '(an empty reason)' : reason} />
                  </td>
                  <Count of={messages} />
                  <BarCell value={messages} maximum={greatest} />
                  <WayCell line={words.list(selection)} of={reason} />
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {others === null ? null : (
        <p class="lead">
          {others.kinds === null ? 'And more reasons' : `And ${countOf(others.kinds, 'more reason')}`}, of{' '}
          {countOf(others.messages, 'message')}; a message counts for each of its reasons.
        </p>
      )}
    </Section>
  );
}

interface SizeParts {
  readonly sizes: readonly SizeBin[];
  readonly words: PageWords;
}

export function SizeSection({ sizes, words }: SizeParts): JSX.Element {
  const greatest = Math.max(...sizes.map(({ messages }) => messages));
  return (
    <Section id="sizes" title="How big it is" lead="Messages by their size; Kbytes are 1024 bytes, as with mailq.">
      <Wide label="Sizes">
        <table class="sizes">
          <thead>
            <tr>
              <th scope="col">size</th>
              <NumberHead>messages</NumberHead>
              <NumberHead>in all</NumberHead>
              <ShareHead />
              <CommandHead />
            </tr>
          </thead>
          <tbody>
            {sizes.map((bin) => (
              <tr key={bin.above}>
                <th scope="row">{sizeText(bin)}</th>
                <td class="number">{formatCount(bin.messages)}</td>
                <td class="number">{formatBytes(bin.bytes)}</td>
                <BarCell value={bin.messages} maximum={greatest} />
                <WayCell line={words.list(bin.selection)} of={sizeText(bin)} />
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}

function sizeText({ above, to }: SizeBin): string {
  return to === null ? `over ${kibibytes(above)}` : `to ${kibibytes(to)}`;
}

const KIB = 1024;

function kibibytes(bytes: number): string {
  return bytes >= KIB ** 2 ? `${bytes / KIB ** 2} MB` : `${bytes / KIB} kB`;
}
