import type { MessageLine } from '../../../src/format/catalogue-line.ts';

/** A line of the catalogue, as a deferred message has it, with what a test wants otherwise. */
export function messageLine(changes: Partial<MessageLine> = {}): MessageLine {
  return {
    kind: 'message',
    queue_name: 'deferred',
    queue_id: '4F1A21B',
    frame: 1,
    state: 'queued',
    file_size: 700,
    sha256: 'a'.repeat(64),
    fingerprint: 'b'.repeat(64),
    submission: 'c'.repeat(64),
    mode: 0o700,
    uid: 100,
    mtime: '1700000000000000000',
    arrival_time: 1_700_000_000,
    arrival_microseconds: 324_000,
    message_size: 300,
    forced_expire: false,
    sender: 'sender@example.com',
    recipients: [{ address: 'recipient@example.org' }],
    logs: ['defer'],
    pending: false,
    ...changes,
  };
}
