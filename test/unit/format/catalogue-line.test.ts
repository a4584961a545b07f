import { expect, test } from 'vitest';
import { ArchiveError } from '../../../src/errors.ts';
import {
  completeCatalogueLine,
  decodeCatalogueLine,
  encodeCatalogueDraft,
  type LogDraft,
  type MessageDraft,
} from '../../../src/format/catalogue-line.ts';
import { CATALOGUE_LINE_MAXIMUM } from '../../../src/format/limits.ts';

const MESSAGE: MessageDraft = {
  kind: 'message',
  queue_name: 'deferred',
  queue_id: '3F1A2C0FFEE',
  file_size: 1234,
  sha256: 'ab'.repeat(32),
  mode: 0o710,
  uid: 106,
  uname: 'postfix',
  mtime: '1767323045123456789',
  fingerprint: 'cd'.repeat(32),
  submission: 'ef'.repeat(32),
  arrival_time: 1_767_323_000,
  arrival_microseconds: 258_604,
  create_time: 1_767_323_010,
  message_size: 900,
  forced_expire: true,
  sender: 'MAILER-DAEMON',
  recipients: [
    { address: 'a@example.org', orig_address: 'b@example.org', delay_reason: 'x "y"\t\n', bounce_reason: 'z' },
  ],
  malformed: ['no end record'],
  logs: ['defer', 'trace'],
  pending: true,
};

const LOG: LogDraft = {
  kind: 'log',
  queue_name: 'defer',
  queue_id: '3F1A2C0FFEE',
  file_size: 0,
  sha256: 'ab'.repeat(32),
  mode: 0o600,
  uid: 106,
  mtime: '-1',
};

test('a message comes back with its frame and state', () => {
  const text = completeCatalogueLine(encodeCatalogueDraft(MESSAGE), { frame: 17, state: 'left' });
  expect(text.endsWith('}\n') && text.indexOf('\n') === text.length - 1).toBe(true);
  expect(decodeCatalogueLine(text.trimEnd())).toEqual({ ...MESSAGE, frame: 17, state: 'left' });
});

test.each([null, '12'.repeat(32)])('a message has the origin %s', (origin) => {
  const line = { ...MESSAGE, origin, frame: 1, state: 'queued' };
  expect(decodeCatalogueLine(JSON.stringify(line))).toEqual(line);
  expect(() => decodeCatalogueLine(JSON.stringify({ ...line, origin: 'x' }))).toThrow(ArchiveError);
});

test('a log has no state', () => {
  const text = completeCatalogueLine(encodeCatalogueDraft(LOG), { frame: 3 });
  expect(decodeCatalogueLine(text.trimEnd())).toEqual({ ...LOG, frame: 3 });
});

test('members of later versions are passed over, optional ones may be absent', () => {
  const { uname: _uname, submission: _submission, create_time: _create, malformed: _malformed, ...rest } = MESSAGE;
  const line = { ...rest, frame: 1, state: 'queued' };
  expect(decodeCatalogueLine(JSON.stringify({ ...line, colour: 'blue', __proto__: { x: 1 } }))).toEqual(line);
});

test.each(Object.keys({ ...MESSAGE, frame: 1, state: 'queued' }))('a member %s of another type is refused', (name) => {
  const line: Record<string, unknown> = { ...MESSAGE, frame: 1, state: 'queued' };
  const isDigits = name === 'mtime' || name === 'sender' || name === 'uname';
  for (const value of [null, {}, isDigits ? 1 : 'x', -1.5]) {
    expect(() => decodeCatalogueLine(JSON.stringify({ ...line, [name]: value }))).toThrow(ArchiveError);
  }
});

test('the longest line is kept to, and no recipient more than needed is left out twice', () => {
  const recipients = Array.from({ length: 100_000 }, (_, index) => ({
    address: `${index}${'ü'.repeat(60)}@example.org`,
  }));
  const text = encodeCatalogueDraft({ ...MESSAGE, recipients });
  const line = completeCatalogueLine(text, { frame: 4_194_304, state: 'queued' });
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(CATALOGUE_LINE_MAXIMUM);
  const decoded = decodeCatalogueLine(line.trimEnd());
  const kept = decoded.kind === 'message' ? decoded.recipients.length : 0;
  // Less than a tenth of the line is left empty.
  expect(Buffer.byteLength(line)).toBeGreaterThan(CATALOGUE_LINE_MAXIMUM * 0.9);
  expect(decoded).toMatchObject({ recipients_omitted: 100_000 - kept });
});
