/**
 * The kind of a reason: what is left of it without the addresses and numbers that are others in each message. So a thousand
 * lines of a queue become the few things that are wrong. Reasons come from strangers: it takes time in proportion to them.
 */

import { copyOf } from './mail-domain.ts';

/** Characters of a reason that are looked at, and of a kind. */
const REASON_MAXIMUM = 500;
const KIND_MAXIMUM = 160;

/** Words without any of these stay as they are: nearly all do. */
const VARIES = /[\d@]/u;
/** A reply code (RFC 5321), and an enhanced status code (RFC 3463): they tell what is wrong. */
const REPLY_CODE = /^[245]\d\d$/u;
const STATUS_CODE = /^(?:[245]\d\d-)?[245]\.\d{1,3}\.\d{1,3}$/u;
/** What goes before the first word of a reply. */
const REPLY_MARK = 'said:';

/** From the beginning of its part of a word: from any other it would be looked for in vain, again and again. */
const MAIL_ADDRESS = /(?<![^<>()[\]"',;:])[^<>()[\]"',;:]+@[^<>()[\]"',;:]+/gu;
const HOST_ADDRESS = /\[[0-9a-fA-F:.]+\]/gu;
const IPV6_ADDRESS = /(?<![\w:])[0-9a-f]{1,4}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}(?![\w:])/gu;
const WITH_DIGIT = /\w[\w-]*/gu;
const DIGIT = /\d/u;
/** Names and numbers side by side: of dots and stars one star is left. */
const STARS = /\*(?:\.\*)+/gu;

/** The kind of a reason. The kind of a kind is itself, also where it was cut in the midst of a number. */
export function kindOfReason(reason: string): string {
  let kind = reason.slice(0, REASON_MAXIMUM);
  for (let masked = mask(kind); masked !== kind; masked = mask(kind)) {
    kind = masked;
  }
  return copyOf(kind);
}

function mask(text: string): string {
  const words = text.split(' ');
  const masked = words.map((word, index) =>
    !VARIES.test(word) || isCode(word, { before: words[index - 1], after: words[index + 1] }) ? word : maskWord(word),
  );
  return masked.join(' ').slice(0, KIND_MAXIMUM).trim();
}

/** A number of three digits is a reply code only where one stands. */
function isCode(
  word: string,
  { before, after }: { readonly before: string | undefined; readonly after: string | undefined },
): boolean {
  const isReply = before === undefined || before === REPLY_MARK || (after !== undefined && STATUS_CODE.test(after));
  return STATUS_CODE.test(word) || (isReply && REPLY_CODE.test(word));
}

function maskWord(word: string): string {
  return word
    .replace(MAIL_ADDRESS, '*@*')
    .replace(HOST_ADDRESS, '[*]')
    .replace(IPV6_ADDRESS, '*')
    .replace(WITH_DIGIT, (part) => (DIGIT.test(part) ? '*' : part))
    .replace(STARS, '*');
}
