/** The lines of `list --json`. */

import type { ListedMessage, ListedRecipient } from '../../inspect/list.ts';

/**
 * One message as a line of `postqueue -j` of Postfix 3.11 (src/postqueue/showq_json.c): its members in its order, with its blanks
 * after colon and comma, then ours: `state`, `sha256`, `fingerprint`, `file_size`. Programs must ignore members that
 * they don't know (postqueue(1)).
 */
export function listingJsonLine(message: ListedMessage): string {
  const members = [
    `"queue_name": ${quoted(message.queue_name)}`,
    `"queue_id": ${quoted(message.queue_id)}`,
    `"arrival_time": ${message.arrival_time}`,
    `"message_size": ${message.message_size}`,
    `"forced_expire": ${message.forced_expire}`,
    `"sender": ${quoted(message.sender)}`,
    `"recipients": [${message.recipients.map(recipientObject).join(', ')}]`,
    `"state": ${quoted(message.state)}`,
    `"sha256": ${quoted(message.sha256)}`,
    `"fingerprint": ${quoted(message.fingerprint)}`,
    `"file_size": ${message.file_size}`,
  ];
  return `{${members.join(', ')}}\n`;
}

function recipientObject(recipient: ListedRecipient): string {
  const members = [`"orig_address": ${quoted(originalAddress(recipient))}`, `"address": ${quoted(recipient.address)}`];
  if (recipient.delay_reason !== undefined) {
    members.push(`"delay_reason": ${quoted(recipient.delay_reason)}`);
  }
  if (recipient.bounce_reason !== undefined) {
    members.push(`"bounce_reason": ${quoted(recipient.bounce_reason)}`);
  }
  return `{${members.join(', ')}}`;
}

/** Where a log tells of a recipient and of no original address, showq(8) has an empty one; else the address stands for it. */
function originalAddress({ orig_address, address, delay_reason, bounce_reason }: ListedRecipient): string {
  const isLogged = delay_reason !== undefined || bounce_reason !== undefined;
  return orig_address ?? (isLogged ? '' : address);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  '"': '\\"',
};

/** A JSON string as quote_for_json.c writes it: upper-case hexadecimal escapes for control characters, DEL too. */
function quoted(text: string): string {
  return `"${text.replace(/[\p{Cc}\\"]/gu, escaped)}"`;
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  // Postfix looks at bytes: the controls beyond ASCII are not among them.
  if (code > 0x7f) {
    return character;
  }
  return SHORT_ESCAPES[character] ?? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
