/**
 * Lines of the catalogue that wait for the number of their frame and the state of their message, as bytes: there may be
 * millions, and they pass from worker to main thread to temporary file before anybody reads them.
 */

import type { CatalogueDraft } from '../format/catalogue-line.ts';
import { isLogQueueName, isMessageQueueName, type MessageQueueName, type QueueName } from '../queue/queue-name.ts';

export interface DraftLine {
  readonly kind: CatalogueDraft['kind'];
  readonly queueName: QueueName;
  readonly queueId: string;
  readonly fileSize: number;
  readonly malformed: boolean;
  /** What encodeCatalogueDraft() made. */
  readonly text: string;
}

export interface DraftMessage extends DraftLine {
  readonly kind: 'message';
  readonly queueName: MessageQueueName;
}

const SEPARATOR = '\t';
const LINE_FEED = 0x0a;
const FIELDS = 5;

/** JSON holds neither a tab nor a line feed as they are, nor do the other fields. */
export function encodeDraftLine({ kind, queueName, queueId, fileSize, malformed, text }: DraftLine): string {
  return `${kind}\t${queueName}\t${queueId}\t${fileSize}\t${malformed ? 1 : 0}\t${text}\n`;
}

/** Reads what encodeDraftLine() has made, any number of lines. */
export function* decodeDraftLines(lines: Uint8Array): Generator<DraftLine, void, undefined> {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at);
    yield decodeDraftLine(bytes.toString('utf8', at, end));
    at = end + 1;
  }
}

function decodeDraftLine(line: string): DraftLine {
  const fields = line.split(SEPARATOR, FIELDS);
  const [kind, queueName, queueId, fileSize, malformed] = fields;
  return {
    kind: kind === 'log' ? 'log' : 'message',
    queueName: asQueueName(queueName ?? ''),
    queueId: queueId ?? '',
    fileSize: Number(fileSize),
    malformed: malformed === '1',
    text: line.slice(fields.join(SEPARATOR).length + 1),
  };
}

function asQueueName(text: string): QueueName {
  if (isMessageQueueName(text) || isLogQueueName(text)) {
    return text;
  }
  throw new Error(`the draft of the catalogue has been altered: ${text} is no queue`);
}
