/** Reads messages to learn whether Postfix would take them. Nearly all are small and sound: one read, and no memory for each. */

import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { type ExaminationLimits, examineQueueFile } from '../record/examine.ts';
import { isPlainlySound } from '../record/plainly-sound.ts';
import { reasonOf } from '../spool/reason.ts';
import type { Content } from './facts.ts';

const SMALL = 65_536;
const SOUND: Content = { kind: 'sound' };

export interface ReadingGround {
  readonly fs: FileSystem;
  readonly queueDirectory: string;
  readonly limits: ExaminationLimits;
}

export class ContentReader {
  readonly #ground: ReadingGround;
  readonly #buffer = Buffer.allocUnsafeSlow(SMALL);

  constructor(ground: ReadingGround) {
    this.#ground = ground;
  }

  /** @param path below the queue directory */
  read(path: string, queueName: MessageQueueName): Content {
    const { fs, queueDirectory } = this.#ground;
    let fd: number;
    try {
      fd = fs.open(`${queueDirectory}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      return { kind: 'unread', reason: reasonOf(error) };
    }
    try {
      return this.#isPlainlySound(fd, queueName) ? SOUND : this.#examine(fd, queueName);
    } catch (error) {
      return { kind: 'unread', reason: reasonOf(error) };
    } finally {
      fs.close(fd);
    }
  }

  #isPlainlySound(fd: number, queueName: MessageQueueName): boolean {
    if (queueName === 'maildrop') {
      return false;
    }
    // A read that gives less than there is, or a file with more, only costs the whole examination.
    const count = this.#ground.fs.read(fd, this.#buffer, { offset: 0, length: SMALL, position: 0 });
    return isPlainlySound(this.#buffer, count);
  }

  #examine(fd: number, queueName: MessageQueueName): Content {
    const { fs, limits } = this.#ground;
    const { faults } = examineQueueFile(new DescriptorSource(fs, fd, fs.fstat(fd).size), queueName, limits);
    // Nobody is left to deliver to: pickup(8) removes such a file rightly.
    const isSound = faults.every(({ kind }) => kind === 'missing-recipient');
    return isSound ? SOUND : { kind: 'faulty', faults };
  }
}
