/**
 * What stays of a message's text when pickup(8) and cleanup(8) write a new file for it. Authority: pickup.c (it puts a
 * Received header before the text, and an empty line where the text begins with a space), cleanup_message.c (it rewrites
 * addresses, adds headers that are missing, drops some), header_opts.c, mime_state.c (where the headers end).
 */

import type { RecordCursor } from './record-cursor.ts';
import { RECORD_TYPE } from './record-type.ts';

/** Headers that cleanup(8) rewrites, adds or drops (header_opts.c, message_drop_headers), and what Milters add. */
const PASSING_HEADER =
  /^(?:received|return-path|bcc|content-length|from|to|cc|sender|reply-to|errors-to|return-receipt-to|disposition-notification-to|mail-followup-to|apparently-to|date|message-id|resent-.*|dkim-signature|domainkey-signature|authentication-results|received-spf|arc-.*|x-spam.*|x-virus.*|x-rspamd.*)$/;

/** is_header(): printable characters, and spaces before the colon. */
const HEADER = /^([!-9;-~]+)[ \t]*:/;

/** Text that is kept of headers and looked at of the body: mail is nearly always smaller. The length counts in any case. */
const KEPT_HEADER_BYTES = 65_536;
const KEPT_BODY_BYTES = 16_384;

/** Takes in the records of a message's text, in their order. */
export class LastingText {
  /** Received headers: cleanup(8) counts them against hopcount_limit. */
  hops = 0;
  #inHeaders = true;
  /** Whether the next record begins a line. */
  #isLineStart = true;
  #isKept = false;
  #hasHeaders = false;
  #headers = '';
  #bodyLength = 0;
  /** The first records of the body, as they stand in the file: cleanup(8) copies each as it is. */
  #bodyStart = 0;
  #bodyEnd = 0;

  /** @param cursor at a text record: N ends a line, L does not */
  add(cursor: RecordCursor): void {
    if (this.#inHeaders) {
      this.#addToHeaders(cursor);
    } else {
      this.#addToBody(cursor);
    }
  }

  #addToHeaders(cursor: RecordCursor): void {
    const isNewLine = this.#isLineStart;
    this.#isLineStart = cursor.type === RECORD_TYPE.normal;
    const text = cursor.text();
    if (isNewLine && !this.#isHeaderLine(text)) {
      this.#inHeaders = false;
      // The line that parts headers and body may be cleanup's: it is no text of either.
      if (text !== '') {
        this.#addToBody(cursor);
      }
    } else if (this.#isKept && this.#headers.length < KEPT_HEADER_BYTES) {
      this.#headers += isNewLine ? `\n${text}` : text;
    }
  }

  #isHeaderLine(text: string): boolean {
    if (this.#hasHeaders && (text.startsWith(' ') || text.startsWith('\t'))) {
      return true;
    }
    const name = HEADER.exec(text)?.[1]?.toLowerCase();
    this.hops += name === 'received' ? 1 : 0;
    this.#isKept = name !== undefined && !PASSING_HEADER.test(name);
    this.#hasHeaders ||= name !== undefined;
    return name !== undefined;
  }

  #addToBody(cursor: RecordCursor): void {
    this.#bodyLength += cursor.payloadLength;
    if (this.#bodyStart === 0) {
      this.#bodyStart = cursor.offset;
      this.#bodyEnd = cursor.endOffset;
    } else if (cursor.offset === this.#bodyEnd) {
      this.#bodyEnd = cursor.endOffset;
    }
  }

  /** The headers that stay, spaces aside: a long header is folded anew. */
  get headers(): string {
    return this.#headers.replace(/[ \t\n]+/g, ' ');
  }

  /** How long the body is, line ends aside. */
  get bodyLength(): number {
    return this.#bodyLength;
  }

  /** Where the beginning of the body stands in the file, as records. */
  get body(): { readonly offset: number; readonly length: number } {
    return { offset: this.#bodyStart, length: Math.min(this.#bodyEnd - this.#bodyStart, KEPT_BODY_BYTES) };
  }
}
