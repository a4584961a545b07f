import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/postfix/command.ts';
import type { PostfixInstance, QueueListing } from '../support/postfix/instance.ts';
import { LOG_QUEUES, type QueueFile } from '../support/postfix/queue-files.ts';

/** A file of a fixture set, and what it was in its queue directory. */
interface FixtureFile {
  readonly file: string;
  readonly path: string;
  readonly inode: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** Seconds, with nine decimals. */
  readonly mtime: string;
  readonly size: number;
  readonly sha256: string;
}

interface FixtureMessage {
  readonly name: string;
  readonly description: string;
  readonly queue_name: string;
  readonly queue_id: string;
  readonly queue_file: FixtureFile;
  readonly logs: Readonly<Record<string, FixtureFile>>;
  /** File names of postcat's outputs, by postcat's options. */
  readonly postcat: Readonly<Record<string, string>>;
  /** The object of `postqueue -j`; null where it lists no such queue. */
  readonly postqueue: QueueListing | null;
}

/**
 * postcat's options, and the file name's ending that its output is kept under: the message, and all records in the
 * order that they are read in, with offset (-o), decimal type (-d) and pointers (-v).
 */
const POSTCAT_VIEWS = [
  { options: '-hb', ending: 'message' },
  { options: '-odv', ending: 'records' },
] as const;

export interface FixtureOptions {
  readonly name: string;
  readonly description: string;
  readonly queueId: string;
}

export function decimalSeconds(nanoseconds: bigint): string {
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0');
  return `${nanoseconds / 1_000_000_000n}.${fraction}`;
}

export function octalMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function ownerName(instance: PostfixInstance, uid: number): string {
  return uid === instance.queueOwner() ? 'mail_owner' : 'submitter';
}

/** Owners are told by their part, since their numbers differ from machine to machine. */
function describeFile(instance: PostfixInstance, source: QueueFile, file: string): FixtureFile {
  return {
    file,
    path: source.path,
    inode: source.inode.toString(),
    mode: octalMode(source.mode),
    owner: ownerName(instance, source.uid),
    group: source.gid === instance.queueGroup() ? 'setgid_group' : 'mail_owner',
    mtime: decimalSeconds(source.mtimeNs),
    size: source.size,
    sha256: source.sha256,
  };
}

function isLog(file: QueueFile): boolean {
  return LOG_QUEUES.some((queue) => queue === file.queueName);
}

/** A directory of queue files that a real Postfix wrote, with a manifest. */
export class FixtureSet {
  readonly #directory: string;
  readonly #messages: FixtureMessage[] = [];

  constructor(directory: string) {
    this.#directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }

  /** Takes a message and its logs out of an instance whose queue is at rest. */
  async add(instance: PostfixInstance, options: FixtureOptions): Promise<void> {
    const { name, description, queueId } = options;
    const files = instance.filesOf(queueId);
    const source = files.find((file) => !isLog(file));
    if (source === undefined) {
      throw new Error(`${name}: no queue file of ${queueId}`);
    }
    const listing = (await instance.postqueue()).find(({ queue_id }) => queue_id === queueId);
    this.#messages.push({
      name,
      description,
      queue_name: source.queueName,
      queue_id: queueId,
      queue_file: this.#copy(instance, source, `${name}.queue`),
      logs: Object.fromEntries(
        files.filter(isLog).map((log) => [log.queueName, this.#copy(instance, log, `${name}.${log.queueName}`)]),
      ),
      postcat: await this.#postcat(instance, source, name),
      postqueue: listing ?? null,
    });
  }

  #copy(instance: PostfixInstance, source: QueueFile, file: string): FixtureFile {
    const bytes = readFileSync(join(instance.queueDirectory, source.path));
    if (bytes.length !== source.size) {
      throw new Error(`${source.path} changed while it was copied`);
    }
    writeFileSync(join(this.#directory, file), bytes);
    return describeFile(instance, source, file);
  }

  async #postcat(instance: PostfixInstance, source: QueueFile, name: string): Promise<Record<string, string>> {
    const outputs: Record<string, string> = {};
    for (const { options, ending } of POSTCAT_VIEWS) {
      const output = await instance.postcat(source.path, options).catch(() => undefined);
      if (output !== undefined) {
        const file = `${name}.${ending}`;
        // latin1 keeps every byte.
        const text = output.toString('latin1').replaceAll(`${instance.queueDirectory}/`, '');
        writeFileSync(join(this.#directory, file), text, 'latin1');
        outputs[options] = file;
      }
    }
    return outputs;
  }

  async finish(): Promise<void> {
    const version = await run('postconf', ['-dh', 'mail_version']);
    const manifest = { mail_version: version.stdout.trim(), messages: this.#messages };
    writeFileSync(join(this.#directory, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}
