/**
 * A real Postfix that never rests: thousands of messages that no one takes go from deferred to active and back every
 * second, while mail arrives and is delivered, sendmail submits, and an administrator holds, releases and requeues.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/postfix/command.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import type { SmtpMessage } from '../support/postfix/smtp-client.ts';

const RESIDENT_DOMAIN = 'stay.example.org';
const TRAVELLER_DOMAIN = 'go.example.org';
const RESIDENT = new RegExp(`r\\d+@${RESIDENT_DOMAIN.replaceAll('.', '\\.')}`);

const PARAMETERS = {
  minimal_backoff_time: '1s',
  maximal_backoff_time: '1s',
  queue_run_delay: '1s',
  in_flow_delay: '0s',
  default_destination_concurrency_limit: '20',
  smtpd_client_connection_rate_limit: '0',
  smtpd_client_message_rate_limit: '0',
};

/** The resident that the text names: each has a recipient of its own. */
export function residentIn(text: string): string | undefined {
  return RESIDENT.exec(text)?.[0];
}

export interface BusyOptions {
  readonly messages: number;
  /** How long a message is held: longer than qmgr keeps one in active. */
  readonly releaseAfterMs: number;
}

export class BusyPostfix {
  readonly postfix: PostfixInstance;
  readonly #sink: SmtpSink;
  readonly #residents = new Set<string>();
  #isStopped = false;
  #loops: Promise<void>[] = [];
  #travellers = 0;
  readonly #releaseAfterMs: number;
  readonly #heldSince = new Map<string, number>();
  /** What the administrator did. */
  readonly actions = { held: 0, released: 0, requeued: 0, submitted: 0 };

  private constructor(postfix: PostfixInstance, sink: SmtpSink, releaseAfterMs: number) {
    this.postfix = postfix;
    this.#sink = sink;
    this.#releaseAfterMs = releaseAfterMs;
  }

  /** Starts it with so many messages in the queue. */
  static async start({ messages, releaseAfterMs }: BusyOptions): Promise<BusyPostfix> {
    const postfix = await createInstance({ parameters: PARAMETERS });
    const sink = await startSink({ port: postfix.relayPort });
    sink.answer = (recipient) => (recipient.endsWith(`@${TRAVELLER_DOMAIN}`) ? '250' : '450');
    await postfix.start();
    const busy = new BusyPostfix(postfix, sink, releaseAfterMs);
    for (let sent = 0; sent < messages; sent += 100) {
      await busy.#settle(Math.min(100, messages - sent));
    }
    return busy;
  }

  /** Those whose submission is complete, and who never leave. */
  residents(): Set<string> {
    return new Set(this.#residents);
  }

  get deliveries(): number {
    return this.#sink.deliveries.length;
  }

  /** Begins all that happens besides deferring. */
  stir(): void {
    this.#loops = [
      this.#loop(20, () => this.#travel()),
      this.#loop(300, () => this.#submit()),
      this.#loop(400, () => this.#administer()),
    ];
  }

  /** Stops everything. @returns the residents that are in the queue in the end. */
  async stop(): Promise<Set<string>> {
    await this.#calm();
    await this.postfix.stop();
    const files = this.postfix.queueFiles().filter(({ path }) => !/^(?:defer|bounce|trace)\//.test(path));
    const found = files.map(({ path }) => residentIn(readFileSync(join(this.postfix.queueDirectory, path), 'latin1')));
    return new Set(found.filter((resident) => resident !== undefined));
  }

  async #calm(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled(this.#loops);
  }

  async dispose(): Promise<void> {
    await this.#calm();
    await this.postfix.dispose();
    await this.#sink.close();
  }

  async #loop(pauseMs: number, work: () => Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      await work();
      await new Promise((resolve) => {
        setTimeout(resolve, pauseMs);
      });
    }
  }

  #newResident(): string {
    return `r${this.#residents.size}@${RESIDENT_DOMAIN}`;
  }

  async #settle(count: number): Promise<void> {
    const first = this.#residents.size;
    const addresses = Array.from({ length: count }, (_, at) => `r${first + at}@${RESIDENT_DOMAIN}`);
    await this.postfix.submitAll(addresses.map((address) => message(address)));
    for (const address of addresses) {
      this.#residents.add(address);
    }
  }

  async #travel(): Promise<void> {
    const messages = Array.from({ length: 5 }, () => {
      this.#travellers += 1;
      return message(`t${this.#travellers}@${TRAVELLER_DOMAIN}`);
    });
    await this.postfix.submitAll(messages);
  }

  async #submit(): Promise<void> {
    const address = this.#newResident();
    const result = await this.postfix.submitSendmail(['-f', 'alice@example.com', address], text(address));
    if (result.status === 0) {
      this.#residents.add(address);
      this.actions.submitted += 1;
    }
  }

  async #administer(): Promise<void> {
    const deferred = this.#names('deferred');
    const pick = (): string => deferred[Math.floor(Math.random() * deferred.length)] ?? '';
    await this.#postsuper('-h', [pick(), pick()]);
    this.actions.held += 2;
    await this.#release();
    await this.#postsuper('-r', [pick()]);
    this.actions.requeued += 1;
  }

  /**
   * Releases what was held long enough ago. A message that is held and released while it is being delivered is lost by
   * Postfix itself: the delivery agent does not find the file in active, reports it as done (deliver_request.c takes
   * ENOENT for `postsuper -d`), and qmgr removes the file, which it has taken up again meanwhile.
   */
  async #release(): Promise<void> {
    const now = performance.now();
    const held = this.#names('hold');
    for (const name of held) {
      this.#heldSince.set(name, this.#heldSince.get(name) ?? now);
    }
    const rested = held.filter((name) => now - (this.#heldSince.get(name) ?? now) > this.#releaseAfterMs).slice(0, 2);
    await this.#postsuper('-H', rested);
    for (const name of rested) {
      this.#heldSince.delete(name);
    }
    this.actions.released += rested.length;
  }

  #names(queueName: string): string[] {
    const path = join(this.postfix.queueDirectory, queueName);
    return readdirSync(path).flatMap((name) => (name.length === 1 ? readdirSync(join(path, name)) : [name]));
  }

  async #postsuper(flag: string, ids: readonly string[]): Promise<void> {
    const names = ids.filter((id) => id !== '');
    if (names.length > 0) {
      const input = names.map((name) => `${name}\n`).join('');
      await run('postsuper', ['-c', this.postfix.configDirectory, flag, '-'], { input });
    }
  }
}

function message(address: string): SmtpMessage {
  return { from: 'alice@example.com', to: [address], data: text(address) };
}

function text(address: string): string {
  return `From: alice@example.com\nTo: ${address}\nSubject: soak\n\n${'All work and no rest.\n'.repeat(20)}`;
}
