/** What became of a broken queue: what is lost, doubled, or another's. */

import type { FileSystem } from '../../../src/fs/file-system.ts';
import { DEFAULT_LAYOUT, type QueueLayout, queueFilePath } from '../../../src/queue/layout.ts';
import { parseQueueId } from '../../../src/queue/queue-id.ts';
import { isMessageQueueName, isQueueName } from '../../../src/queue/queue-name.ts';
import { snapshotTree, type TreeEntry } from '../disk/tree.ts';
import type { BrokenQueue, PlantedLog, PlantedMessage } from './broken-queue.ts';

/** Counts that a tool may be judged by. */
export interface Losses {
  /** Messages that are in no queue. */
  readonly lost: string[];
  /** Messages with more than one name or file. */
  readonly doubled: string[];
  /** Logs that a message has which are another's. */
  readonly foreign: string[];
  /** Logs that their message has no more, or that are gone. */
  readonly lostLogs: string[];
}

interface Found {
  readonly path: string;
  readonly entry: TreeEntry;
}

export class QueueJudge {
  readonly #queue: BrokenQueue;
  /** What the hash directories are to be. */
  readonly #layout: QueueLayout;
  readonly #messages = new Map<string, Found[]>();
  readonly #logs = new Map<string, Found[]>();

  constructor(
    fs: FileSystem,
    queueDirectory: string,
    { layout = DEFAULT_LAYOUT, ...queue }: BrokenQueue & { readonly layout?: QueueLayout | undefined },
  ) {
    this.#queue = queue;
    this.#layout = layout;
    for (const [path, entry] of snapshotTree(fs, queueDirectory)) {
      const name = path.split('/')[0] ?? '';
      if (entry.type === 'file' && entry.content !== undefined && isQueueName(name)) {
        const map = isMessageQueueName(name) ? this.#messages : this.#logs;
        map.set(entry.content, [...(map.get(entry.content) ?? []), { path, entry }]);
      }
    }
  }

  losses(): Losses {
    const { messages, logs } = this.#queue;
    const count = (message: PlantedMessage): number => this.#messages.get(message.content)?.length ?? 0;
    return {
      lost: messages.filter((one) => count(one) === 0).map(nameOf),
      doubled: messages.filter((one) => count(one) > 1).map(nameOf),
      foreign: logs.filter((log) => this.#isForeign(log)).map(({ content }) => content.trim()),
      lostLogs: logs.filter((log) => this.#isLost(log)).map(({ content }) => content.trim()),
    };
  }

  /** What is not as Postfix wants it. */
  untidy(mailOwner: number): string[] {
    return this.#queue.messages.flatMap((message) => {
      const [found] = this.#messages.get(message.content) ?? [];
      const faults = found === undefined ? ['is gone'] : faultsOf(message, found, { mailOwner, layout: this.#layout });
      return faults.map((fault) => `${nameOf(message)} at ${found?.path ?? 'nowhere'}: ${fault}`);
    });
  }

  /** Logs that a message which Postfix would take now has, and which are another's. */
  foreignNow(): string[] {
    return this.#queue.logs
      .filter((log) => this.#isForeign(log, ({ entry }) => (entry.mode & 0o700) === 0o700))
      .map(({ content }) => content.trim());
  }

  #isForeign({ content, of }: PlantedLog, counts: (holder: Found) => boolean = () => true): boolean {
    const places = this.#logs.get(content) ?? [];
    return places.some(({ path }) => {
      const id = idOf(path);
      const holders = [...this.#messages].filter(([, found]) =>
        found.some((one) => idOf(one.path) === id && counts(one)),
      );
      return holders.some(([message]) => message !== of);
    });
  }

  #isLost({ content, of, queueName }: PlantedLog): boolean {
    const places = this.#logs.get(content) ?? [];
    if (places.length !== 1) {
      return true;
    }
    const [message] = of === undefined ? [] : (this.#messages.get(of) ?? []);
    const id = message === undefined ? undefined : parseQueueId(idOf(message.path));
    const wanted = id === undefined ? undefined : queueFilePath(this.#layout, queueName, id);
    return of !== undefined && places[0]?.path !== wanted;
  }
}

function idOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}

function nameOf({ breakage, path }: PlantedMessage): string {
  return `${breakage}: ${path}`;
}

function faultsOf(
  message: PlantedMessage,
  { path, entry }: Found,
  { mailOwner, layout }: { readonly mailOwner: number; readonly layout: QueueLayout },
): string[] {
  const { queueName, breakage, isForced, mtimeNs } = message;
  const isAside = breakage === 'cut off';
  const id = parseQueueId(idOf(path));
  const wantedQueue = isAside ? 'corrupt' : queueName;
  const isMaildrop = queueName === 'maildrop' && !isAside;
  const ready = isForced ? 0o710 : 0o700;
  const modes = isAside ? [0o400, 0o700] : isMaildrop ? [0o700, 0o744] : [ready];
  return [
    ...(id === undefined || id.inode !== entry.inode ? ['its name is not true'] : []),
    ...(id?.form === 'long' ? ['its name is long'] : []),
    ...(id !== undefined && queueFilePath(layout, wantedQueue, id) !== path ? ['it is in the wrong path'] : []),
    ...(entry.links === 1 ? [] : [`it has ${entry.links} names`]),
    ...(modes.includes(entry.mode) ? [] : [`its mode is ${entry.mode.toString(8)}`]),
    ...(entry.uid === mailOwner ? [] : [`it is of uid ${entry.uid}`]),
    ...(entry.mtimeNs / 1000n === mtimeNs / 1000n ? [] : [`its time has changed by ${entry.mtimeNs - mtimeNs}`]),
  ];
}
