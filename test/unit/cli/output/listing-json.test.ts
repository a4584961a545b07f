import { expect, test } from 'vitest';
import { listingJsonLine } from '../../../../src/cli/output/listing-json.ts';
import { listedMessage } from '../../../support/listed-message.ts';

const DIGEST = 'a'.repeat(64);

test('a line has the members of postqueue -j in their order and spacing, then ours', () => {
  const message = listedMessage({
    queue_name: 'deferred',
    queue_id: '8D3F512345',
    recipients: [
      { address: 'a@example.org', delay_reason: 'connect to host: Connection refused' },
      { address: 'b@example.org' },
    ],
  });
  expect(listingJsonLine(message)).toBe(
    '{"queue_name": "deferred", "queue_id": "8D3F512345", "arrival_time": 1700000000, "message_size": 345, ' +
      '"forced_expire": false, "sender": "sender@example.com", "recipients": [' +
      '{"orig_address": "", "address": "a@example.org", "delay_reason": "connect to host: Connection refused"}, ' +
      '{"orig_address": "b@example.org", "address": "b@example.org"}], ' +
      `"state": "queued", "sha256": "${DIGEST}", "fingerprint": "${DIGEST}", "file_size": 700}\n`,
  );
});

test('orig_address comes first and bounce_reason last, as Postfix 3.11 writes them', () => {
  const recipients = [{ address: 'a@b', orig_address: 'x@b', bounce_reason: 'unknown user' }];
  expect(listingJsonLine(listedMessage({ recipients }))).toContain(
    '"recipients": [{"orig_address": "x@b", "address": "a@b", "bounce_reason": "unknown user"}]',
  );
});

test('escapes are those of quote_for_json.c', () => {
  const sender = '"a\\b"@c\b\f\n\r\t\u0000\u001f\u007f/ü';
  const line = listingJsonLine(listedMessage({ sender }));
  expect(line).toContain('"sender": "\\"a\\\\b\\"@c\\b\\f\\n\\r\\t\\u0000\\u001F\\u007F/ü"');
  expect(JSON.parse(line)).toMatchObject({ sender });
});

test('a message without recipients has an empty list', () => {
  expect(listingJsonLine(listedMessage({ recipients: [] }))).toContain('"recipients": [], "state"');
});
