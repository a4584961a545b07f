/** The page of a report on a queue. */

import type { JSX } from 'preact/jsx-runtime';
import { renderToString } from 'preact-render-to-string';
import type { QueueReport } from '../../report/queue-report.ts';
import { countOf } from '../output/quantity.ts';
import { printable } from '../output/stderr-line.ts';
import { AgeSection, type AgeSectionParts } from './age-section.tsx';
import { ArrivalSection } from './arrival-section.tsx';
import { ChangeSection } from './change-section.tsx';
import { pageDocument } from './document.ts';
import { ReasonSection, SizeSection } from './group-sections.tsx';
import { Headline } from './headline.tsx';
import { MalformedSection, MessageSection, type MessageSectionParts } from './message-section.tsx';
import { OriginSection } from './origin-section.tsx';
import type { PageWords } from './page-words.ts';
import { Moment } from './parts.tsx';
import { RestoreSection } from './restore-section.tsx';

export interface QueuePageParts {
  readonly report: QueueReport;
  /** How people name the archive. */
  readonly name: string;
  readonly words: PageWords;
}

/** A whole HTML document. */
export function queuePage(parts: QueuePageParts): string {
  const host = parts.report.archive.myhostname;
  return pageDocument({
    title: `Mail queue${host === '' ? '' : ` of ${printable(host)}`}`,
    body: renderToString(<Body {...parts} />),
  });
}

interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly section: JSX.Element;
}

function Body({ report, name, words }: QueuePageParts): JSX.Element {
  const chapters = chaptersOf({ report, name, words });
  return (
    <>
      <Headline report={report} words={words} />
      <nav aria-label="On this page">
        <ul>
          {chapters.map(({ id, title }) => (
            <li key={id}>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <main>{chapters.map(({ section }) => section)}</main>
      <footer>
        <p>
          Made by postsnap <Moment iso={report.made} />. No contents of messages are in this page, and nothing in it
          asks the network for anything. Instead of <code>list</code>, the commands work with <code>restore</code> and{' '}
          <code>cat</code>, too.
        </p>
      </footer>
    </>
  );
}

/** Those that have something to show. */
function chaptersOf({ report, name, words }: QueuePageParts): Chapter[] {
  const {
    recipients,
    senders,
    arrivals,
    by_queue,
    reasons,
    sizes,
    largest,
    held,
    malformed,
    archive,
    changes,
    restore,
  } = report;
  const onHold = by_queue.find(({ queue_name }) => queue_name === 'hold')?.messages ?? 0;
  return [
    restore === null
      ? []
      : when(true, {
          id: 'restore',
          title: 'A restore here',
          section: <RestoreSection outlook={restore} line={words.restore} />,
        }),
    changes === null
      ? []
      : when(true, {
          id: 'changes',
          title: 'What changed',
          section: <ChangeSection changes={changes} line={words.diff} />,
        }),
    ages({ id: 'recipients', title: 'Where it goes', isOfRecipients: true, table: recipients, words }),
    when(arrivals.bins.length > 0, {
      id: 'arrivals',
      title: 'When it arrived',
      section: <ArrivalSection arrivals={arrivals} by_queue={by_queue} words={words} />,
    }),
    when(true, { id: 'reasons', title: 'Why it waits', section: <ReasonSection reasons={reasons} words={words} /> }),
    ages({ id: 'senders', title: 'Who sent it', isOfRecipients: false, table: senders, words }),
    when(true, { id: 'sizes', title: 'How big it is', section: <SizeSection sizes={sizes} words={words} /> }),
    when(true, {
      id: 'origin',
      title: 'Where this comes from',
      section: <OriginSection archive={archive} name={name} />,
    }),
    messages({ id: 'largest', title: 'The largest', lead: 'The first ten.', messages: largest, words }),
    messages({
      id: 'held',
      title: 'On hold',
      lead: `The oldest ${held.length} of ${countOf(onHold, 'message')} on hold.`,
      messages: held,
      words,
    }),
    when(malformed.length > 0, {
      id: 'broken',
      title: 'Broken',
      section: <MalformedSection malformed={malformed} words={words} />,
    }),
  ].flat();
}

function when(isShown: boolean, chapter: Chapter): Chapter[] {
  return isShown ? [chapter] : [];
}

function ages(parts: AgeSectionParts): Chapter[] {
  const { id, title, table } = parts;
  return when(table.rows.length > 0, { id, title, section: <AgeSection {...parts} /> });
}

function messages(parts: MessageSectionParts): Chapter[] {
  const { id, title, messages: shown } = parts;
  return when(shown.length > 0, { id, title, section: <MessageSection {...parts} /> });
}
