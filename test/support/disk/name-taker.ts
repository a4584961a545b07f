import { join } from 'node:path';
import type { QueueName } from '../../../src/queue/queue-name.ts';
import { syncUpwards } from '../../fault/postfix-model.ts';
import type { Tree } from '../../fault/restore-promises.ts';
import { ARCHIVED, naturalName, pathOf, QUEUE_DIRECTORY } from '../../fault/restore-world.ts';
import type { Call } from './faults.ts';
import type { SimulatedFileSystem } from './simulated-file-system.ts';
import { putFile, snapshotTree } from './tree.ts';

export interface NameTaking {
  /** Before the call with this index. */
  readonly index: number;
  /** 'own': the queue that the message itself goes to. */
  readonly queue: QueueName | 'own';
}

/**
 * Takes the natural names of all messages that are staged, on purpose: by chance they are hardly ever hit. It acts once,
 * and what stands there already stays.
 */
export class NameTaker {
  readonly #taking: NameTaking;
  readonly #taken: string[] = [];
  #hasActed = false;

  constructor(taking: NameTaking) {
    this.#taking = taking;
  }

  act({ index }: Call, disk: SimulatedFileSystem): void {
    if (index !== this.#taking.index || this.#hasActed) {
      return;
    }
    this.#hasActed = true;
    for (const [path, { content, inode }] of snapshotTree(disk, QUEUE_DIRECTORY)) {
      const message = ARCHIVED.find((one) => path.endsWith('.message') && one.content === content);
      if (message !== undefined) {
        const queue = this.#taking.queue === 'own' ? message.queueName : this.#taking.queue;
        this.#take(disk, pathOf(queue, naturalName(message, inode)));
      }
    }
  }

  #take(disk: SimulatedFileSystem, name: string): void {
    const path = join(QUEUE_DIRECTORY, name);
    if (disk.lstat(path) === undefined) {
      putFile(disk, path, { content: foreign(name), mode: 0o600 });
      syncUpwards(disk, path);
      this.#taken.push(name);
    }
  }

  get taken(): number {
    return this.#taken.length;
  }

  /** What was put there must stand there still. */
  broken(tree: Tree): string[] {
    const replaced = this.#taken.filter((name) => tree.get(name)?.content !== foreign(name));
    return replaced.map((name) => `P1: ${name} was replaced`);
  }
}

function foreign(name: string): string {
  return `foreign: ${name}`;
}
