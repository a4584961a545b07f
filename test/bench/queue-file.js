// Queue files as cleanup(8) and postdrop(1) write them, and logs as bounce(8) does.
import { encodeRecord } from '../../dist/record/record.js';
import { formatSizeRecord } from '../../dist/record/size-record.js';

/** Type, length, and six fields of 15 characters with spaces between. */
const SIZE_RECORD_LENGTH = 2 + 6 * 15 + 5;
const EMPTY = Buffer.alloc(0);

function record(letter, payload) {
  return encodeRecord(letter.charCodeAt(0), payload === undefined ? EMPTY : Buffer.from(payload, 'latin1'));
}

function contentOf(lines) {
  return Buffer.concat(lines.map((line) => record('N', line)));
}

/**
 * A queue file, complete.
 *
 * @returns its bytes, and where the recipient record is: defer logs name it by its offset
 */
export function queueFile({ queueId, seconds, microseconds, sender, recipient }, lines) {
  const front = Buffer.concat([
    record('T', `${seconds} ${microseconds}`),
    record('A', `create_time=${seconds}`),
    record('A', `log_ident=${queueId}`),
    record('A', 'rewrite_context=local'),
    record('S', sender),
    record('A', 'log_client_name=unknown'),
    record('A', 'log_client_address=192.0.2.1'),
    record('A', 'log_message_origin=unknown[192.0.2.1]'),
    record('A', 'log_helo_name=client.example.com'),
    record('A', 'log_protocol_name=ESMTP'),
    record('A', 'client_name=unknown'),
    record('A', 'reverse_client_name=unknown'),
    record('A', 'client_address=192.0.2.1'),
    record('A', 'client_port=50498'),
    record('A', 'helo_name=client.example.com'),
    record('A', 'protocol_name=ESMTP'),
    record('A', 'client_address_type=2'),
    record('A', `dsn_orig_rcpt=rfc822;${recipient}`),
    record('O', recipient),
  ]);
  const envelope = Buffer.concat([front, record('R', recipient), record('M')]);
  const content = contentOf(lines);
  const size = formatSizeRecord({
    dataSize: content.length,
    dataOffset: SIZE_RECORD_LENGTH + envelope.length,
    recipientCount: 1,
    queueManagerFlags: 0,
    contentLength: content.length,
    sendOptions: 0,
  });
  return {
    bytes: Buffer.concat([record('C', size), envelope, content, record('X'), record('E')]),
    recipientOffset: SIZE_RECORD_LENGTH + front.length,
  };
}

export function maildropFile({ seconds, microseconds, sender, recipient }, lines) {
  const envelope = [
    record('T', `${seconds} ${microseconds}`),
    record('A', 'rewrite_context=local'),
    record('S', sender),
    record('R', recipient),
    record('M'),
  ];
  return Buffer.concat([...envelope, contentOf(lines), record('X'), record('E')]);
}

/** An entry of a defer or bounce log. */
export function logEntry({ recipient, recipientOffset, host }, { status, action }) {
  const reason = `connect to ${host}[198.51.100.7]:25: Connection timed out`;
  return Buffer.from(
    [
      `<${recipient}>: ${reason}`,
      `recipient=${recipient}`,
      `offset=${recipientOffset}`,
      `dsn_orig_rcpt=rfc822;${recipient}`,
      `status=${status}`,
      `action=${action}`,
      `reason=${reason}`,
      '',
      '',
    ].join('\n'),
  );
}
