/** What is different in another snapshot. */

import type { JSX } from 'preact/jsx-runtime';
import type { MessageChange } from '../../inspect/message-changes.ts';
import type { QueueChanges } from '../../report/queue-changes.ts';
import { countOf, formatCount } from '../output/quantity.ts';
import { Count, Foreign, Moment, NumberHead, Section, Way, Wide } from './parts.tsx';

interface ChangeParts {
  readonly changes: QueueChanges;
  /** The command that tells each difference. */
  readonly line: string | undefined;
}

const CHANGES: Readonly<Record<MessageChange['code'], string>> = {
  moved: 'went into another queue',
  renamed: 'got another queue ID',
  rewritten: 'were written anew: taken from maildrop, or requeued',
  'recipients-done': 'were delivered to, or returned for, some of their recipients',
  'recipients-added': 'got more recipients',
  'reason-changed': 'wait for another reason',
  'forced-expiry': 'were expired by hand, or no longer are',
  'notice-pending': 'owe a notice, or no longer do',
  marked: 'were marked otherwise by Postfix',
};

export function ChangeSection({ changes: told, line }: ChangeParts): JSX.Element {
  const { archive, counts, changes, moves, domains, more_domains } = told;
  return (
    <Section
      id="changes"
      title="What changed"
      isWide
      lead={
        <>
          In the snapshot of <Foreign text={archive.myhostname} />, <Moment iso={archive.started} />, with{' '}
          {countOf(archive.messages, 'message')}.
        </>
      }
    >
      <Way line={line} />
      <ul class="tiles">
        <Change number={counts.only_left} text="are in this one alone: gone" />
        <Change number={counts.only_right} text="are in that one alone: new" />
        <Change number={counts.changed} text="are in both, and changed" />
        <Change number={counts.same} text="are the same" />
      </ul>
      {changes.length === 0 ? null : (
        <ul class="plain-list">
          {changes.map(({ code, messages }) => (
            <li key={code}>
              <strong>{formatCount(messages)}</strong> {CHANGES[code]}
            </li>
          ))}
          {moves.map(({ from, to, messages }) => (
            <li key={`${from} ${to}`}>
              <strong>{formatCount(messages)}</strong> from {from} to {to}
            </li>
          ))}
        </ul>
      )}
      {domains.length === 0 ? null : <DomainTable domains={domains} more={more_domains} />}
    </Section>
  );
}

function Change({ number, text }: { readonly number: number; readonly text: string }): JSX.Element {
  return (
    <li class="tile plain">
      <span class="figure">{formatCount(number)}</span>
      <span class="words">{text}</span>
    </li>
  );
}

function DomainTable({
  domains,
  more,
}: {
  readonly domains: QueueChanges['domains'];
  readonly more: number;
}): JSX.Element {
  return (
    <>
      <Wide label="Messages that are gone and new, by domain" isTall>
        <table class="sortable">
          <thead>
            <tr>
              <th scope="col">domain</th>
              <NumberHead>gone</NumberHead>
              <NumberHead>new</NumberHead>
            </tr>
          </thead>
          <tbody>
            {domains.map(({ domain, gone, come }) => (
              <tr key={domain}>
                <th scope="row">
                  <Foreign text={domain} />
                </th>
                <Count of={gone} />
                <Count of={come} />
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {more === 0 ? null : <p class="lead">And {countOf(more, 'more domain')}.</p>}
    </>
  );
}
