/** Where a report comes from: the archive, its host, its times. */

import type { Children, JSX } from 'preact/jsx-runtime';
import type { QueueReport } from '../../report/queue-report.ts';
import { formatBytes } from '../output/quantity.ts';
import { Foreign, Moment, Section } from './parts.tsx';

export function OriginSection({
  archive,
  name,
}: {
  readonly archive: QueueReport['archive'];
  /** How people name the archive. */
  readonly name: string;
}): JSX.Element {
  const facts: readonly (readonly [string, Children])[] = [
    ['Archive', <Foreign text={name} />],
    ['Host', <Foreign text={archive.myhostname} />],
    ['Instance', archive.instance === '-' ? 'the primary one' : <Foreign text={archive.instance} />],
    ['Queue directory', <Foreign text={archive.queue_directory} />],
    ['Postfix', <Foreign text={archive.mail_version} />],
    ['Snapshot', <Foreign text={archive.snapshot_id} />],
    ['Begun', <Moment iso={archive.started} />],
    ['Finished', <Moment iso={archive.finished} />],
    ['Settled', archive.settled ? 'yes' : 'no: mail that moved may be missing'],
    ['Size', `${formatBytes(archive.archive_bytes)}, of ${formatBytes(archive.bytes)} in the queue`],
    [
      'Read back',
      archive.verified === null ? 'not known: postsnap verify proves it' : <Moment iso={archive.verified} />,
    ],
    ['Signed', archive.signed_by === null ? 'no' : <Foreign text={archive.signed_by} />],
    ['Encrypted', archive.encrypted ? 'yes' : 'no'],
    ['Written by', <Foreign text={`postsnap ${archive.tool_version}, archive format ${archive.format}`} />],
  ];
  return (
    <Section id="origin" title="Where this comes from">
      <dl class="facts">
        {facts.map(([term, fact]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
