/**
 * A report without names: local parts, host names and domains become short codes, the same one for the same name. What makes
 * the codes is all that the archive says, which the report does not show: who has the archive can find the names again,
 * nobody else can try names out. Texts of strangers keep the words that Postfix itself uses, and no others.
 */

import { createHmac, hash } from 'node:crypto';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { QueueChanges } from './queue-changes.ts';
import type { AgeTable, QueueReport, ReportedMessage } from './queue-report.ts';
import { REPLY_WORDS } from './reply-words.ts';
import type { RestoreOutlook } from './restore-outlook.ts';

const NULL_ADDRESS = 'MAILER-DAEMON';
/** Where a queue is as a rule: it tells nothing. */
const USUAL_DIRECTORY = '/var/spool/postfix';
/** As mail_version.h has it. */
const VERSION = /^\d{1,2}\.\d{1,2}(?:\.\d{1,3})?(?:-\d{8})?$/u;
const CODE_LENGTH = 6;
/** Letters and digits that are not taken for each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
/** Criteria that name somebody. */
const NAMING = ['senders', 'recipients', 'recipientDomains', 'senderDomains', 'reasons', 'reasonKinds'] as const;

export function redacted(report: QueueReport): QueueReport {
  return new Redaction(report).report();
}

class Redaction {
  readonly #report: QueueReport;
  readonly #key: Buffer;

  constructor(report: QueueReport) {
    const { recipients, senders, reasons, largest, held } = report;
    this.#report = report;
    this.#key = hash('sha256', JSON.stringify([recipients, senders, reasons, largest, held]), 'buffer');
  }

  report(): QueueReport {
    const { archive, recipients, senders, reasons, largest, held, malformed, changes, restore } = this.#report;
    return {
      ...this.#report,
      archive: {
        ...archive,
        myhostname: this.#host(archive.myhostname),
        instance: this.#instance(archive.instance),
        queue_directory: this.#directory(archive.queue_directory),
        mail_version: VERSION.test(archive.mail_version) ? archive.mail_version : this.#words(archive.mail_version),
        signed_by: archive.signed_by === null ? null : this.#host(archive.signed_by),
      },
      recipients: this.#table(recipients),
      senders: this.#table(senders),
      reasons: {
        ...reasons,
        groups: reasons.groups.map((group) => ({ ...group, reason: this.#words(group.reason), selection: null })),
      },
      largest: largest.map((message) => this.#message(message)),
      held: held.map((message) => this.#message(message)),
      malformed: malformed.map((one) => ({ ...one, faults: one.faults.map((fault) => this.#words(fault)) })),
      changes: changes === null ? null : this.#changes(changes),
      restore: restore === null ? null : this.#outlook(restore),
    };
  }

  #table(table: AgeTable): AgeTable {
    return {
      ...table,
      rows: table.rows.map((row) => ({ ...row, domain: this.#host(row.domain), selection: unnamed(row.selection) })),
    };
  }

  #message(message: ReportedMessage): ReportedMessage {
    const { sender, recipient, reason } = message;
    return {
      ...message,
      sender: this.#address(sender),
      recipient: recipient === null ? null : this.#address(recipient),
      reason: reason === null ? null : this.#words(reason),
    };
  }

  #changes(changes: QueueChanges): QueueChanges {
    const { archive, domains } = changes;
    return {
      ...changes,
      archive: {
        ...archive,
        myhostname: this.#host(archive.myhostname),
        instance: this.#instance(archive.instance),
      },
      domains: domains.map((row) => ({ ...row, domain: this.#host(row.domain) })),
    };
  }

  #outlook(outlook: RestoreOutlook): RestoreOutlook {
    const { target, concerns } = outlook;
    return {
      ...outlook,
      target: {
        ...target,
        queue_directory: this.#directory(target.queue_directory),
        instance: this.#instance(target.instance),
      },
      concerns: concerns.map((concern) => ({ ...concern, text: this.#ownWords(concern.text) })),
    };
  }

  #address(address: string): string {
    const at = address.lastIndexOf('@');
    if (address === NULL_ADDRESS || address === '') {
      return address;
    }
    return at === -1
      ? `u-${this.#code(address)}`
      : `u-${this.#code(address.slice(0, at))}@${this.#host(address.slice(at + 1))}`;
  }

  #host(name: string): string {
    return name === NULL_ADDRESS || name === '' ? name : `h-${this.#code(name.toLowerCase())}`;
  }

  #instance(name: string): string {
    return name === '-' ? name : `i-${this.#code(name)}`;
  }

  #directory(path: string): string {
    return path === USUAL_DIRECTORY ? path : `d-${this.#code(path)}`;
  }

  /** A text of a stranger: each word that is not one of Postfix's own is a name, perhaps. */
  #words(text: string): string {
    return text.replace(/[^\s()[\]<>"':;,=*]+/gu, (word) =>
      REPLY_WORDS.has(word.toLowerCase().replace(/[.!?]+$/u, '')) || isHarmless(word) ? word : `x-${this.#code(word)}`,
    );
  }

  /** A text of postsnap's own: what can be a name in it are paths and what has a dot or an @ in it. */
  #ownWords(text: string): string {
    return text.replace(/[^\s`(),;:]*(?:[/@]|\w\.\w)[^\s`(),;:]*/gu, (word) => `x-${this.#code(word)}`);
  }

  #code(name: string): string {
    const digest = createHmac('sha256', this.#key).update(name).digest();
    return [...digest.subarray(0, CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  }
}

/** Codes of replies, small numbers, and what was masked. A longer number is a mailbox, perhaps, and an address is somebody's. */
function isHarmless(word: string): boolean {
  return /^(?:\d{1,3}|[245]\.\d{1,3}\.\d{1,3}|[^\p{L}\p{N}]+)[.!?]*$/u.test(word);
}

/** A number whose selection would name somebody has none. */
function unnamed(selection: SelectionOptions | null): SelectionOptions | null {
  return selection !== null && NAMING.some((name) => selection.only?.[name] !== undefined) ? null : selection;
}
