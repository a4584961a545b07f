import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import { messageContent } from '../../../src/record/content.ts';
import { examineQueueFile, type QueueFileExamination } from '../../../src/record/examine.ts';
import { printableAddress } from '../../../src/record/printable-address.ts';
import { walkRecords } from '../../../src/record/record-walk.ts';
import { parseLog } from '../../support/queue/log-entries.ts';
import {
  type ListedMessage,
  postcatRecords,
  type QueueFileFixture,
  queueFileFixture,
  queueFileFixtures,
  readFixture,
} from '../../support/queue/queue-file-fixtures.ts';

const POINTER = 'p'.charCodeAt(0);
const PADDING = 'w'.charCodeAt(0);

const FIXTURES = queueFileFixtures();
const SOUND = FIXTURES.filter(({ queue_name }) => queue_name !== 'corrupt');
const LISTED = FIXTURES.flatMap(({ postqueue, ...rest }) => (postqueue === null ? [] : [{ postqueue, ...rest }]));

function examined(fixture: Omit<QueueFileFixture, 'postqueue'>): QueueFileExamination {
  return examineQueueFile(bytesSource(readFixture(fixture.queue_file.file)), fixture.queue_name);
}

/** As showq(8) does it: first what the defer log tells, then the recipients to do that it doesn't. */
function listedRecipients(fixture: Omit<QueueFileFixture, 'postqueue'>): ListedMessage['recipients'] {
  const { defer } = fixture.logs;
  const logged = defer === undefined ? [] : parseLog(readFixture(defer.file), 'defer');
  const known = new Set(logged.map(({ recipient }) => recipient));
  const toDo = examined(fixture)
    .envelope.recipients.filter(({ done }) => !done)
    .map(({ address }) => printableAddress(address))
    .filter((address) => !known.has(address));
  return [
    ...logged.map(({ recipient, reason }) => ({ address: recipient, delay_reason: reason })),
    ...toDo.map((address) => ({ address })),
  ];
}

describe('queue files that Postfix wrote', () => {
  it('are there, with the kinds that differ most', () => {
    const names = FIXTURES.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['plain', 'smtputf8', 'milter-all', 'partly-done', 'maildrop', 'requeued', 'corrupt']),
    );
  });

  it.each(SOUND)('$name: has no fault in its own queue', (fixture) => {
    expect(examined(fixture).faults).toEqual([]);
  });

  it.each(SOUND)('$name: could be requeued: pickup would take it, too', (fixture) => {
    const source = bytesSource(readFixture(fixture.queue_file.file));
    expect(examineQueueFile(source, 'maildrop').faults).toEqual([]);
  });

  it('finds the one that was cut', () => {
    expect(examined(queueFileFixture('corrupt')).faults).toEqual([{ kind: 'cut-record', offset: expect.any(Number) }]);
  });

  it.each(LISTED)('$name: sender, size and arrival are what postqueue says', (fixture) => {
    const { envelope } = examined(fixture);
    expect(printableAddress(envelope.sender ?? Uint8Array.of(0x21))).toBe(fixture.postqueue.sender);
    // In maildrop, the Postfix that wrote the fixtures believed the size record; newer ones show the file's size.
    const shown = fixture.queue_name === 'maildrop' ? fixture.queue_file.size : fixture.postqueue.message_size;
    expect(envelope.messageSize).toBe(shown);
    expect(envelope.arrival?.seconds).toBe(fixture.postqueue.arrival_time);
  });

  it.each(LISTED)('$name: recipients and reasons are what postqueue says', (fixture) => {
    expect(listedRecipients(fixture)).toEqual(fixture.postqueue.recipients);
  });

  it.each(SOUND)('$name: the message is what postcat says', (fixture) => {
    const source = bytesSource(readFixture(fixture.queue_file.file));
    expect(Buffer.concat([...messageContent(source)])).toEqual(readFixture(fixture.postcat['-hb'] ?? ''));
  });

  it.each(SOUND)('$name: the records are those that postcat reads', (fixture) => {
    const source = bytesSource(readFixture(fixture.queue_file.file));
    const walked = [...walkRecords(source)].map(({ offset, type }) => ({ offset, type }));
    const told = postcatRecords(fixture.postcat['-odv'] ?? '');
    expect(walked).toEqual(told.filter(({ type }) => type !== POINTER && type !== PADDING));
  });
});

describe('a message that a milter edited', () => {
  const { envelope } = examined(queueFileFixture('milter-envelope'));

  it('has the sender that the pointer leads to', () => {
    expect(printableAddress(envelope.sender ?? new Uint8Array())).toBe(
      'a-sender-with-a-much-longer-address@example.com',
    );
  });

  it('has the recipients that were added, and not the one that was removed', () => {
    const addresses = envelope.recipients.map(({ address }) => Buffer.from(address).toString());
    expect(addresses).toContain('added-too@example.net');
    expect(addresses).not.toContain('carol@example.org');
  });
});

describe('a message with delivery status notifications asked for', () => {
  it('tells what was asked for', () => {
    const { envelope } = examined(queueFileFixture('dsn'));
    expect(envelope.dsnEnvelopeId).toBeDefined();
    expect(envelope.dsnReturn).toBeGreaterThan(0);
    expect(envelope.recipients.some(({ dsnNotify }) => dsnNotify !== undefined)).toBe(true);
    expect(envelope.recipients.every(({ dsnOriginal }) => dsnOriginal !== undefined)).toBe(true);
  });
});

describe('a partly delivered message', () => {
  it('tells done from to do', () => {
    const { recipients } = examined(queueFileFixture('partly-done')).envelope;
    expect(recipients.filter(({ done }) => done).map(({ address }) => Buffer.from(address).toString())).toContain(
      'done@example.org',
    );
    expect(recipients.filter(({ done }) => !done)).not.toEqual([]);
  });
});

describe('a message whose sender was told of the delay', () => {
  it('has no further notice due', () => {
    expect(examined(queueFileFixture('delay-warning-sent')).envelope.warningSeconds).toBe(-1);
    expect(examined(queueFileFixture('delay-warning')).envelope.warningSeconds).toBeGreaterThan(0);
  });
});
