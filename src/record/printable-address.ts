/**
 * Addresses as postqueue(1) prints them. Authority: showq.c, quote_822_local.c, printable.c, parse_utf8_char.h.
 */

/** empty_address_recipient (postconf(5)): what the null address is shown as. */
const NULL_ADDRESS = 'MAILER-DAEMON';

const REPLACEMENT = '?';
/** What makes quote_822_local() put a local part between quotes, besides its dots: 8-bit characters do not. */
const NEEDS_QUOTES = /[\0-\x20()<>@,;:\\"[\]\x7f]|\.\.|^\.|\.$|^$/;
const ONLY_PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * An address from a queue file as `postqueue -p` and `postqueue -j` show it: the local part quoted where it must be, and
 * `?` for each byte that is not printable.
 *
 * @param smtputf8 smtputf8_enable: without it, only ASCII counts as printable.
 */
export function printableAddress(address: Uint8Array, smtputf8 = true): string {
  const text = textOf(address);
  return printable(text === '' ? NULL_ADDRESS : quoteLocalPart(text), smtputf8);
}

/**
 * An original address from a queue file, as showq.c shows it: that of a recipient that Postfix added is empty, and stays so
 * but for its quotes.
 */
export function printableOriginal(address: Uint8Array, smtputf8 = true): string {
  return printable(quoteLocalPart(textOf(address)), smtputf8);
}

/** As C has it: up to the first NUL. */
function textOf(address: Uint8Array): string {
  const end = address.indexOf(0);
  return Buffer.from(end < 0 ? address : address.subarray(0, end)).toString('latin1');
}

/** quote_822_local(). The text is Latin-1, one character a byte. */
function quoteLocalPart(address: string): string {
  const colon = address.startsWith('@') ? address.indexOf(':') : -1;
  const route = address.slice(0, colon + 1);
  const mailbox = address.slice(colon + 1);
  const at = mailbox.lastIndexOf('@');
  const localPart = at < 0 ? mailbox : mailbox.slice(0, at);
  if (!NEEDS_QUOTES.test(localPart)) {
    return address;
  }
  return `${route}"${localPart.replace(/["\\\r]/g, '\\$&')}"${mailbox.slice(localPart.length)}`;
}

/** printable(): Latin-1 text in, Unicode out. */
export function printable(text: string, smtputf8: boolean): string {
  if (ONLY_PRINTABLE_ASCII.test(text)) {
    return text;
  }
  let result = '';
  for (let at = 0; at < text.length; ) {
    const length = smtputf8 ? utf8Length(text, at) : 0;
    const code = text.charCodeAt(at);
    if (length > 1) {
      result += Buffer.from(text.slice(at, at + length), 'latin1').toString('utf8');
    } else {
      result += code >= 0x20 && code < 0x7f ? text.charAt(at) : REPLACEMENT;
    }
    at += Math.max(length, 1);
  }
  return result;
}

/** parse_utf8_char(): the bytes of the character, 0 where there is no valid one; no over-long forms, no surrogates. */
function utf8Length(text: string, at: number): number {
  const lead = text.charCodeAt(at);
  if (lead < 0x80) {
    return 1;
  }
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead <= 0xf4 ? 4 : 0;
  for (let tail = 1; tail < length; tail += 1) {
    const [lowest, highest] = tail === 1 ? secondByteRange(lead) : [0x80, 0xbf];
    const byte = text.charCodeAt(at + tail);
    // NaN behind the end is in no range.
    if (!(byte >= lowest && byte <= highest)) {
      return 0;
    }
  }
  return length;
}

function secondByteRange(lead: number): readonly [number, number] {
  switch (lead) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
