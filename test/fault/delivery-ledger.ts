import { MESSAGE_QUEUES } from '../../src/queue/queue-name.ts';
import type { Tree } from './restore-promises.ts';
import type { ArchivedMessage } from './restore-world.ts';

/** What Postfix did with the mail, and what it may do again. */
export class DeliveryLedger {
  /** What went wrong, in words. */
  readonly complaints: string[] = [];
  readonly #expected: Map<string, ArchivedMessage>;
  readonly #deliveries = new Map<string, { readonly inode: bigint; count: number; allowed: number }>();
  readonly #taken = new Set<string>();
  #powerLosses = 0;
  #serial = 0;

  constructor(messages: readonly ArchivedMessage[]) {
    this.#expected = new Map(messages.map((message) => [message.content, message]));
  }

  /** Mail that came by itself: it must be delivered as well. */
  accepted(message: ArchivedMessage): void {
    this.#expected.set(message.content, message);
  }

  /** Numbers new mail. */
  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  message(content: string): ArchivedMessage | undefined {
    return this.#expected.get(content);
  }

  /** What was expected and never delivered. */
  undelivered(): ArchivedMessage[] {
    return [...this.#expected.values()].filter(({ content }) => !this.#deliveries.has(content));
  }

  wasDelivered(content: string): boolean {
    return this.#deliveries.has(content);
  }

  get powerWasLost(): boolean {
    return this.#powerLosses > 0;
  }

  /** qmgr(8) takes a message up. From then on its defer log may be gone. */
  take(content: string): void {
    this.#taken.add(content);
  }

  wasTaken(content: string): boolean {
    return this.#taken.has(content);
  }

  deliver(content: string, inode: bigint): void {
    const known = this.#deliveries.get(content) ?? { inode, count: 0, allowed: 1 };
    this.#deliveries.set(content, known);
    known.count += 1;
    if (known.count > known.allowed || known.inode !== inode) {
      this.complaints.push(`P3: "${content}" was delivered ${known.count} times`);
    }
  }

  /**
   * After a power loss Postfix delivers once more what it had delivered, where the removal of that very queue file was
   * not durable. Nothing else may be delivered twice.
   */
  powerLost(tree: Tree): void {
    this.#powerLosses += 1;
    for (const [content, delivery] of this.#deliveries) {
      const isBack = [...tree].some(([path, entry]) => {
        const isQueued = MESSAGE_QUEUES.some((queue) => path.startsWith(`${queue}/`));
        return isQueued && entry.content === content && entry.inode === delivery.inode;
      });
      delivery.allowed = delivery.count + (isBack ? 1 : 0);
    }
  }
}
