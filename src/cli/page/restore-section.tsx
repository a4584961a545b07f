/** What a restore here would do. */

import type { JSX } from 'preact/jsx-runtime';
import type { Concern, RestoreOutlook } from '../../report/restore-outlook.ts';
import { countOf, formatBytes, formatCount } from '../output/quantity.ts';
import { Count, Foreign, NumberHead, Section, Way, Wide } from './parts.tsx';

interface RestoreParts {
  readonly outlook: RestoreOutlook;
  /** The command that tells the same, and proves the archive. */
  readonly line: string | undefined;
}

export function RestoreSection({ outlook, line }: RestoreParts): JSX.Element {
  const { target, restored, routes, concerns, proven } = outlook;
  return (
    <Section
      id="restore"
      title="What a restore here would do"
      isWide
      lead={
        <>
          {countOf(restored, 'message')} would go into <Foreign text={target.queue_directory} />, which holds{' '}
          {countOf(target.messages, 'message')}
          {target.mail_version === '' ? null : (
            <>
              , of Postfix <Foreign text={target.mail_version} />
            </>
          )}
          {RUNNING.get(target.running)}. Nothing was changed{proven ? '' : ', and the archive is not proven'}.
        </>
      }
    >
      <Way line={line} />
      {routes.length === 0 ? null : (
        <Wide label="Where messages would go">
          <table class="routes">
            <thead>
              <tr>
                <th scope="col">from</th>
                <th scope="col">to</th>
                <NumberHead>messages</NumberHead>
                <NumberHead>size</NumberHead>
              </tr>
            </thead>
            <tbody>
              {routes.map(({ from, to, messages, bytes }) => (
                <tr key={`${from} ${to}`}>
                  <td>{from}</td>
                  <td>{to}</td>
                  <Count of={messages} />
                  <td class="number">{formatBytes(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {concerns.length === 0 ? <p>Nothing needs attention.</p> : <Concerns concerns={concerns} />}
    </Section>
  );
}

const RUNNING: ReadonlyMap<boolean | null, string> = new Map([
  [true, ', which runs'],
  [false, ', which is stopped'],
  [null, ''],
]);

function Concerns({ concerns }: { readonly concerns: readonly Concern[] }): JSX.Element {
  return (
    <ul class="concerns">
      {concerns.map(({ severity, text, messages, examples }) => (
        <li key={text} class={severity}>
          <strong>{severity}</strong> <Foreign text={text} />
          {examples.length === 0 ? null : (
            <span class="faint examples">
              {' '}
              ({examples.join(', ')}
              {messages > examples.length ? `, … ${formatCount(messages)} in all` : ''})
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
