/**
 * Entries of defer, bounce and trace logs. Authority: bounce_log.c (bounce_log_read), bounce_append_service.c. An entry
 * ends with an empty line. It is `name=value` lines, or `<address>: reason` before Postfix 2.1, or both.
 */

import type { LogQueueName } from '../queue/queue-name.ts';
import { printable } from '../record/printable-address.ts';
import { cString, leadingNumber, type NameValue, splitNameValue } from '../record/record-text.ts';

export interface LogEntry {
  /** As printed: quoted, with `?` for what can't be printed. */
  readonly recipient: string;
  readonly originalRecipient: string | undefined;
  /** Where the recipient record stands in the queue file, in bytes. */
  readonly offset: number | undefined;
  /** ORCPT, `type;address`. */
  readonly dsnOriginal: string | undefined;
  /** NOTIFY as dsn_mask.h has it: never 1, success 2, failure 4, delay 8. */
  readonly dsnNotify: number | undefined;
  /** Enhanced status code: `4.4.1`. */
  readonly status: string;
  /** `delayed`, `failed`, `delivered`, `relayed`, `expanded` … */
  readonly action: string;
  /** Why: what `postqueue -p` shows between brackets. */
  readonly reason: string;
  /** `smtp`, `x-unix`: what kind of diagnostic text the program or server gave. */
  readonly diagnosticType: string | undefined;
  readonly diagnosticText: string | undefined;
  /** `dns`: what kind of name the server has. */
  readonly remoteType: string | undefined;
  readonly remoteName: string | undefined;
}

type Fields = { -readonly [Key in keyof LogEntry]?: LogEntry[Key] };

const LINE_FEED = '\n';
const NULL_RECIPIENT = '(MAILER-DAEMON)';

/** The attributes by name (mail_proto.h). Others Postfix ignores, too. */
const FIELDS: ReadonlyMap<string, (value: string) => Fields> = new Map<string, (value: string) => Fields>([
  ['recipient', (value) => ({ recipient: addressOf(value) })],
  ['original_recipient', (value) => ({ originalRecipient: addressOf(value) })],
  ['offset', (value) => positive(leadingNumber(value), (offset) => ({ offset }))],
  ['dsn_orig_rcpt', (dsnOriginal) => ({ dsnOriginal })],
  ['notify_flags', (value) => positive(leadingNumber(value), (dsnNotify) => ({ dsnNotify }))],
  ['status', (status) => ({ status })],
  ['action', (action) => ({ action })],
  ['reason', (reason) => ({ reason })],
  ['diag_type', (diagnosticType) => ({ diagnosticType })],
  ['diag_text', (diagnosticText) => ({ diagnosticText })],
  ['mta_type', (remoteType) => ({ remoteType })],
  ['mta_mname', (remoteName) => ({ remoteName })],
]);

/** What stands for a missing field. Entries of old logs have no status; it follows from the log they are in. */
const MISSING = {
  defer: { status: '4.0.0', action: 'delayed' },
  bounce: { status: '5.0.0', action: 'failed' },
  trace: { status: '5.0.0', action: 'failed' },
} as const satisfies Record<LogQueueName, Pick<LogEntry, 'status' | 'action'>>;

/** What was read of a log. A log has an entry for each recipient, and may have millions. */
export interface LogSummary {
  /** The first ones: no more than {@link ENTRIES_MAXIMUM}, and of lines of no more than {@link HELD_MAXIMUM} bytes. */
  readonly entries: readonly LogEntry[];
  /** How many there are in all. */
  readonly count: number;
}

const ENTRIES_MAXIMUM = 100_000;
const HELD_MAXIMUM = 8 * 1024 * 1024;
/** Of a longer line, the beginning: no reason is as long. */
const LINE_MAXIMUM = 65_536;

/**
 * Reads a log, entry by entry, in bounded memory. Lines that Postfix would warn of are passed over, and so is an entry at
 * the end without its empty line: it is still being written.
 *
 * @param pieces its content, in order
 * @param smtputf8 smtputf8_enable: without it, only ASCII counts as printable.
 */
export function readLog(pieces: Iterable<Uint8Array>, queueName: LogQueueName, smtputf8 = true): LogSummary {
  const entries: LogEntry[] = [];
  let count = 0;
  let held = 0;
  let fields: Fields | undefined;
  for (const line of linesOf(pieces)) {
    const content = cString(line);
    const isKept = entries.length < ENTRIES_MAXIMUM && held < HELD_MAXIMUM;
    if (content !== '') {
      held += isKept ? content.length : 0;
      fields = Object.assign(fields ?? {}, isKept ? parseLine(printable(content, smtputf8)) : {});
    } else if (fields !== undefined) {
      count += 1;
      if (isKept) {
        entries.push(finishEntry(fields, queueName));
      }
      fields = undefined;
    }
  }
  return { entries, count };
}

/** The lines that end with a line feed, without it. A piece is made a text at once: for small lines that is half the work. */
function* linesOf(pieces: Iterable<Uint8Array>): Generator<string> {
  let begun = '';
  for (const piece of pieces) {
    const text = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    let at = 0;
    for (let end = text.indexOf(LINE_FEED); end >= 0; end = text.indexOf(LINE_FEED, at)) {
      yield begun + text.slice(at, Math.min(end, at + LINE_MAXIMUM - begun.length));
      begun = '';
      at = end + 1;
    }
    begun += text.slice(at, Math.min(text.length, at + LINE_MAXIMUM - begun.length));
  }
}

function parseLine(line: string): Fields {
  return /^[0-9A-Za-z]/.test(line) ? attributeField(splitNameValue(line)) : oldStyleFields(line);
}

function attributeField(attribute: NameValue | undefined): Fields {
  const parse = FIELDS.get(attribute?.name ?? '');
  return parse === undefined || attribute === undefined ? {} : parse(attribute.value);
}

function oldStyleFields(line: string): Fields {
  const end = line.indexOf('>: ', 1);
  if (!line.startsWith('<') || end < 0) {
    return {};
  }
  return { recipient: addressOf(line.slice(1, end)), reason: line.slice(end + 2).replace(/^[ \t\v\f\r]+/, '') };
}

/** The parser takes an empty value for a missing one. */
function finishEntry(fields: Fields, queueName: LogQueueName): LogEntry {
  return {
    recipient: fields.recipient ?? '(recipient address unavailable)',
    originalRecipient: fields.originalRecipient,
    offset: fields.offset,
    dsnOriginal: known(fields.dsnOriginal),
    dsnNotify: fields.dsnNotify,
    status: known(fields.status) ?? MISSING[queueName].status,
    action: known(fields.action) ?? MISSING[queueName].action,
    reason: known(fields.reason) ?? '(description unavailable)',
    diagnosticType: known(fields.diagnosticType),
    diagnosticText: known(fields.diagnosticText),
    remoteType: known(fields.remoteType),
    remoteName: known(fields.remoteName),
  };
}

function known(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function addressOf(value: string): string {
  return value === '' ? NULL_RECIPIENT : value;
}

function positive(value: number, field: (value: number) => Fields): Fields {
  return value > 0 ? field(value) : {};
}
