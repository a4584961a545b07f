/**
 * Which names in a queue directory are wrong, and what they are to be: pure. A name is right when it carries the file's own
 * inode number, has the form that this Postfix makes, stands where it is looked for, and no other message has it.
 */

import { newQueueId } from '../journal/naming.ts';
import { type QueueLayout, queueFilePath } from '../queue/layout.ts';
import { type QueueId, withInode } from '../queue/queue-id.ts';
import { isLogQueueName, isMessageQueueName } from '../queue/queue-name.ts';
import type { QueueFacts, SeenFile } from './facts.ts';
import type { FindingCode } from './finding.ts';

export interface NamingGround {
  readonly layout: QueueLayout;
  readonly enableLongQueueIds: boolean;
}

const DETAILS: Partial<Record<FindingCode, string>> = {
  'two-queues': 'another message has this queue ID',
  'unfinished-rename': 'postsuper was cut off while it renamed it',
  'long-id': 'the queue ID is long, and enable_long_queue_ids is off',
  'hash-directory': 'Postfix looks for it in another directory',
};

const NO_FILES: readonly SeenFile[] = [];

/** The names of all files, and those that are given. */
export class NewNames {
  readonly #ground: NamingGround;
  /** The messages that have an ID, and the logs. */
  readonly #holders = new Map<string, SeenFile[]>();
  readonly #logs = new Map<string, SeenFile[]>();
  readonly #given = new Set<string>();
  readonly #plain: QueueFacts['plain'];

  constructor({ files, plain }: Pick<QueueFacts, 'files' | 'plain'>, ground: NamingGround) {
    this.#ground = ground;
    this.#plain = plain;
    for (const file of files) {
      if (file.id !== undefined && isMessageQueueName(file.queueName)) {
        addTo(this.#holders, file.id.text, file);
      } else if (file.id !== undefined && isLogQueueName(file.queueName)) {
        addTo(this.#logs, file.id.text, file);
      }
    }
  }

  /** What is wrong with the name of a message; undefined: nothing. */
  faultOf(file: SeenFile): FindingCode | undefined {
    const { id, isUnfinished, status } = file;
    if (id === undefined) {
      return undefined;
    }
    if (this.ownerOf(id.text) !== file) {
      return 'two-queues';
    }
    if (isUnfinished) {
      return 'unfinished-rename';
    }
    if (id.inode !== status.inode) {
      return 'name-inode';
    }
    if (!this.#isTrue(file, id)) {
      // Leading zeros, which Postfix would not write.
      return id.form === 'long' ? 'long-id' : 'name-inode';
    }
    return this.#pathOf(file, id) === file.path ? undefined : 'hash-directory';
  }

  detailOf({ id, status }: SeenFile, code: FindingCode): string {
    return DETAILS[code] ?? `the name says inode ${id?.inode ?? 0n}, and the file has ${status.inode}`;
  }

  /**
   * The name that a message is to have, from now on kept for it; undefined where none is free. Its time digits stay
   * (mail_queue.c: "the non-inode part of a queue ID must not repeat within the same second").
   */
  newNameOf(file: SeenFile): string | undefined {
    const { id, status } = file;
    if (id === undefined) {
      return undefined;
    }
    const { enableLongQueueIds } = this.#ground;
    const isOwn = this.ownerOf(id.text) === file && this.#isTrue(file, id);
    const name = isOwn ? id : newQueueId(id, { inode: status.inode, enableLongQueueIds }, (one) => this.#isTaken(one));
    this.#given.add(name.text);
    return name.text;
  }

  /**
   * The message that has an ID by right, and with it the logs: the only one, or of several the one whose inode the name
   * carries. Of others nobody can tell whose logs they are.
   */
  ownerOf(name: string): SeenFile | undefined {
    const holders = this.#holders.get(name) ?? NO_FILES;
    if (holders.length <= 1) {
      return holders[0];
    }
    const [first, ...others] = holders.filter(({ id, status }) => id?.inode === status.inode);
    return others.length === 0 ? first : undefined;
  }

  /** The logs that go where a message goes; 'ambiguous' if there is more than one of a kind. */
  logsOf(file: SeenFile): readonly SeenFile[] | 'ambiguous' {
    const name = file.id?.text ?? '';
    if (this.ownerOf(name) !== file) {
      return NO_FILES;
    }
    const logs = this.#logs.get(name) ?? NO_FILES;
    const kinds = new Set(logs.map(({ queueName }) => queueName));
    const isPlain = ({ status }: SeenFile): boolean => status.type === 'file' && status.links === 1;
    return kinds.size === logs.length && logs.every(isPlain) ? logs : 'ambiguous';
  }

  /** Whether any message has this ID. */
  hasMessage(name: string): boolean {
    return this.#holders.has(name);
  }

  /** Where Postfix looks for a file of a queue. */
  pathOf(file: SeenFile): string | undefined {
    return file.id === undefined ? undefined : this.#pathOf(file, file.id);
  }

  #pathOf({ queueName }: SeenFile, id: QueueId): string {
    return queueFilePath(this.#ground.layout, queueName, id);
  }

  #isTrue({ status }: SeenFile, id: QueueId): boolean {
    return withInode(id, status.inode).text === id.text && (id.form === 'short' || this.#ground.enableLongQueueIds);
  }

  #isTaken(name: string): boolean {
    return this.#holders.has(name) || this.#logs.has(name) || this.#given.has(name) || this.#plain.has(name);
  }
}

function addTo(map: Map<string, SeenFile[]>, name: string, file: SeenFile): void {
  const files = map.get(name);
  if (files === undefined) {
    map.set(name, [file]);
  } else {
    files.push(file);
  }
}
