import type { ListedMessage } from '../../src/inspect/list.ts';

const DIGEST = 'a'.repeat(64);

/** A message as `list` gives it, of which a test says only what it is about. */
export function listedMessage(members: Partial<ListedMessage> = {}): ListedMessage {
  return {
    kind: 'message',
    queue_name: 'deferred',
    queue_id: '8D3F512345',
    frame: 1,
    state: 'queued',
    file_size: 700,
    sha256: DIGEST,
    fingerprint: DIGEST,
    submission: DIGEST,
    mode: 0o700,
    uid: 100,
    mtime: '1700000000000000000',
    arrival_time: 1_700_000_000,
    message_size: 345,
    forced_expire: false,
    sender: 'sender@example.com',
    recipients: [{ address: 'a@example.org' }],
    logs: [],
    pending: false,
    ...members,
  };
}
