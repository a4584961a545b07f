/** Single messages: the largest, those on hold, those that are broken. */

import type { JSX } from 'preact/jsx-runtime';
import type { QueueReport, ReportedMessage } from '../../report/queue-report.ts';
import { formatBytes } from '../output/quantity.ts';
import type { PageWords } from './page-words.ts';
import { CommandHead, Foreign, Moment, NumberHead, Section, WayCell, Wide } from './parts.tsx';

export interface MessageSectionParts {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly messages: readonly ReportedMessage[];
  readonly words: PageWords;
}

export function MessageSection({ id, title, lead, messages, words }: MessageSectionParts): JSX.Element {
  return (
    <Section id={id} title={title} lead={lead} isWide>
      <Wide label={title}>
        <table class="messages sortable">
          <thead>
            <tr>
              <th scope="col">message</th>
              <th scope="col">arrived</th>
              <NumberHead>size</NumberHead>
              <th scope="col">from</th>
              <th scope="col">to</th>
              <th scope="col">reason</th>
              <CommandHead />
            </tr>
          </thead>
          <tbody>
            {messages.map((message) => (
              <MessageRow key={`${message.queue_name}/${message.queue_id}`} message={message} words={words} />
            ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}

function MessageRow({ message, words }: { readonly message: ReportedMessage; readonly words: PageWords }): JSX.Element {
  const { queue_name, queue_id, arrival_time, message_size, sender, recipient, recipients, reason } = message;
  const name = `${queue_name}/${queue_id}`;
  return (
    <tr>
      <th scope="row" class="id">
        {name}
      </th>
      <td data-value={arrival_time ?? ''}>
        <Moment iso={arrival_time} />
      </td>
      <td class="number" data-value={message_size}>
        {formatBytes(message_size)}
      </td>
      <td class="address">
        <Foreign text={sender} />
      </td>
      <td class="address">
        {recipient === null ? <span class="faint">nobody any more</span> : <Foreign text={recipient} />}
        {recipients > 1 ? <span class="faint"> and {recipients - 1} more</span> : null}
      </td>
      <td class="reason">{reason === null ? '' : <Foreign text={reason} />}</td>
      <WayCell line={words.list(message.selection)} of={name} />
    </tr>
  );
}

export function MalformedSection({
  malformed,
  words,
}: {
  readonly malformed: QueueReport['malformed'];
  readonly words: PageWords;
}): JSX.Element {
  return (
    <Section
      id="broken"
      title="Broken queue files"
      lead="Their records are not as Postfix writes them; a restore leaves out what Postfix would choke on."
    >
      <Wide label="Broken queue files">
        <table>
          <thead>
            <tr>
              <th scope="col">message</th>
              <th scope="col">finding</th>
              <CommandHead />
            </tr>
          </thead>
          <tbody>
            {malformed.map(({ queue_name, queue_id, faults, selection }) => (
              <tr key={`${queue_name}/${queue_id}`}>
                <th scope="row" class="id">
                  {queue_name}/{queue_id}
                </th>
                <td class="reason">
                  <Foreign text={faults.join('; ')} />
                </td>
                <WayCell line={words.list(selection)} of={`${queue_name}/${queue_id}`} />
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}
