import type { SmtpMessage } from '../support/postfix/smtp-client.ts';
import * as letters from './fixture-messages.ts';

/** What becomes of a message of the estate: the queue and state that it is in when the snapshot is taken. */
export type EstateState =
  | 'deferred'
  | 'held'
  | 'active'
  | 'incoming'
  | 'requeued'
  | 'expired'
  | 'edited'
  | 'partly'
  | 'bounce pending'
  | 'trace pending';

export interface EstateMessage {
  /** X-Test-Id, and the local part of the sender. */
  readonly id: string;
  readonly state: EstateState;
  readonly message: SmtpMessage;
  /** Those that have not got it when the snapshot is taken. */
  readonly toDo: readonly string[];
  /** A notice to the sender that is due after a restore, and whom it must name. */
  readonly notice?: readonly string[];
}

type Draft = Omit<EstateMessage, 'id' | 'toDo'> & { readonly toDo?: readonly string[] };

const TEXT = letters.letter({ subject: 'Text', body: 'Some text.' });

/** Recipients that the sink of the source does not answer with 450. */
export const ANSWERS = {
  'has-it@example.org': '250',
  'unknown@example.org': '550',
  'partly@example.com': '250',
} as const;

/** As ANSWERS, once notices can't be made any more. */
export const LATE_ANSWERS = { 'refused@example.org': '550', 'reached@example.org': '250' } as const;

const DRAFTS: Readonly<Record<string, Draft>> = {
  plain: { state: 'deferred', message: letters.PLAIN },
  multi: { state: 'deferred', message: letters.MULTI_RECIPIENT },
  // The sink has no DSN: Postfix itself tells of the success.
  dsn: { state: 'deferred', message: letters.DSN, notice: ['bob@example.org'] },
  utf8: { state: 'deferred', message: letters.SMTPUTF8 },
  'eight-bit': { state: 'deferred', message: letters.EIGHT_BIT },
  'long-lines': { state: 'deferred', message: letters.LONG_LINES },
  picture: { state: 'deferred', message: bigLetter() },
  nobody: { state: 'deferred', message: letters.NULL_SENDER },
  edited: { state: 'edited', message: letters.PLAIN, toDo: ['added@example.net'] },
  held: { state: 'held', message: letters.PLAIN },
  'held-too': { state: 'held', message: letters.MULTI_RECIPIENT },
  active: { state: 'active', message: letters.PLAIN },
  incoming: { state: 'incoming', message: letters.PLAIN },
  requeued: { state: 'requeued', message: letters.MULTI_RECIPIENT },
  expired: { state: 'expired', message: letters.PLAIN, toDo: [], notice: ['bob@example.org'] },
  partly: {
    state: 'partly',
    message: { ...letters.PLAIN, to: ['has-it@example.org', 'bob@example.org', 'unknown@example.org'] },
    toDo: ['bob@example.org'],
  },
  bouncing: {
    state: 'bounce pending',
    message: { ...letters.PLAIN, to: ['refused@example.org', 'bob@example.org'] },
    toDo: ['bob@example.org'],
    notice: ['refused@example.org'],
  },
  traced: {
    state: 'trace pending',
    message: {
      ...letters.PLAIN,
      to: [
        { address: 'reached@example.org', notify: 'SUCCESS,FAILURE' },
        { address: 'bob@example.org', notify: 'NEVER' },
      ],
    },
    toDo: ['bob@example.org'],
    notice: ['reached@example.org'],
  },
};

/** Some 3 MB: more than a frame. */
function bigLetter(): SmtpMessage {
  return { ...letters.ATTACHMENT, data: Buffer.from(letters.ATTACHMENT.data).toString().repeat(50) };
}

/** Puts X-Test-Id on top. */
export function marked(id: string, data: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`X-Test-Id: ${id}\n`), Buffer.from(data)]);
}

/** A small message with a name, to one recipient. */
export function small(id: string, to = 'bob@example.org'): SmtpMessage {
  return { from: `${id}@example.com`, to: [to], data: marked(id, TEXT) };
}

function complete(id: string, draft: Draft): EstateMessage {
  const { message } = draft;
  const from = message.from === '' || message.smtputf8 === true ? message.from : `${id}@example.com`;
  const to = message.to.map((recipient) => (typeof recipient === 'string' ? recipient : recipient.address));
  return { toDo: to, ...draft, id, message: { ...message, from, data: marked(id, message.data) } };
}

export const ESTATE: readonly EstateMessage[] = Object.entries(DRAFTS).map(([id, draft]) => complete(id, draft));
