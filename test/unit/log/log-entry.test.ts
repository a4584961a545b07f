import { describe, expect, it } from 'vitest';
import { parseLog } from '../../support/queue/log-entries.ts';
import { queueFileFixture, queueFileFixtures, readFixture } from '../../support/queue/queue-file-fixtures.ts';

const NEW_STYLE = `
recipient=bob@example.com
original_recipient=bob
offset=689
dsn_orig_rcpt=rfc822;bob@example.com
notify_flags=6
status=4.4.1
action=delayed
diag_type=smtp
diag_text=450 busy
mta_type=dns
mta_mname=mx.example.com
reason=connect to mx.example.com[192.0.2.1]:25: Connection refused

`;

function parse(text: string, queueName: Parameters<typeof parseLog>[1] = 'defer'): ReturnType<typeof parseLog> {
  return parseLog(Buffer.from(text, 'latin1'), queueName);
}

describe('parseLog', () => {
  it('reads all attributes', () => {
    expect(parse(NEW_STYLE)).toEqual([
      {
        recipient: 'bob@example.com',
        originalRecipient: 'bob',
        offset: 689,
        dsnOriginal: 'rfc822;bob@example.com',
        dsnNotify: 6,
        status: '4.4.1',
        action: 'delayed',
        reason: 'connect to mx.example.com[192.0.2.1]:25: Connection refused',
        diagnosticType: 'smtp',
        diagnosticText: '450 busy',
        remoteType: 'dns',
        remoteName: 'mx.example.com',
      },
    ]);
  });

  it.each([
    ['defer', '4.0.0', 'delayed'],
    ['bounce', '5.0.0', 'failed'],
    ['trace', '5.0.0', 'failed'],
  ] as const)('reads old entries of a %s log, which have no status', (queueName, status, action) => {
    expect(parse('\n<bob@example.com>:   Connection refused\n\n<>: gone\n\n', queueName)).toMatchObject([
      { recipient: 'bob@example.com', status, action, reason: 'Connection refused', offset: undefined },
      { recipient: '(MAILER-DAEMON)', reason: 'gone' },
    ]);
  });

  it('reads an old line and a new entry in one', () => {
    const [entry, ...others] = parse('<bob>: old reason\nrecipient=bob@example.com\nreason=new reason\n\n');
    expect(entry).toMatchObject({ recipient: 'bob@example.com', reason: 'new reason' });
    expect(others).toEqual([]);
  });

  it('fills in what is missing', () => {
    expect(parse('status=4.1.1\nreason=\n\n')).toMatchObject([
      { recipient: '(recipient address unavailable)', status: '4.1.1', reason: '(description unavailable)' },
    ]);
  });

  it('passes over lines that mean nothing', () => {
    expect(parse('?\nno equals sign\n<unterminated\nunknown=1\noffset=-1\nnotify_flags=x\nrecipient=a@b\n\n')).toEqual(
      parse('recipient=a@b\n\n'),
    );
  });

  it('does not give an entry that is still being written', () => {
    expect(parse(`${NEW_STYLE}recipient=late@example.com\nreason=half a r`)).toHaveLength(1);
    expect(parse('recipient=late@example.com\n')).toEqual([]);
    expect(parse('')).toEqual([]);
  });

  it('replaces what can not be printed', () => {
    expect(parse('recipient=b\xc3\xbcb\x01\xff@example.com\nreason=\x1b[2J\n\n')).toMatchObject([
      { recipient: 'büb??@example.com', reason: '?[2J' },
    ]);
    expect(parseLog(Buffer.from('recipient=büb\n\n'), 'defer', false)).toMatchObject([{ recipient: 'b??b' }]);
  });

  it.each(queueFileFixtures())('$name: reads its logs', ({ logs }) => {
    for (const queueName of ['defer', 'bounce', 'trace'] as const) {
      const log = logs[queueName];
      if (log !== undefined) {
        const bytes = readFixture(log.file);
        const recipientLines = bytes.toString('latin1').match(/^recipient=/gm) ?? [];
        expect(parseLog(bytes, queueName)).toHaveLength(recipientLines.length);
      }
    }
  });

  it('knows from a pending bounce who never got the message', () => {
    const { bounce } = queueFileFixture('bounce-pending').logs;
    expect(parseLog(readFixture(bounce?.file ?? ''), 'bounce')).toMatchObject([
      { recipient: 'never@example.org', status: '5.1.1', action: 'failed' },
    ]);
  });
});
