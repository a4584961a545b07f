import type { FileType } from '../../../src/fs/file-system.ts';
import type { CrashChoice } from './crash-choice.ts';

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
}

export interface InodeIdentity {
  readonly number: bigint;
  readonly device: bigint;
  readonly type: FileType;
  readonly target?: string | undefined;
  readonly birthtimeNs?: bigint;
}

type AttributeChange =
  | { readonly kind: 'mode'; readonly mode: number }
  | { readonly kind: 'owner'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'times'; readonly mtimeNs: bigint; readonly atimeNs: bigint };

type DataChange = { readonly position: number; readonly bytes: Uint8Array } | { readonly length: number };

/** What a running system sees of an inode, and what of it is on disk: the durable state and the changes since. */
export class SimulatedInode {
  readonly number: bigint;
  readonly device: bigint;
  readonly type: FileType;
  readonly birthtimeNs: bigint;
  /** Where a symbolic link leads. */
  readonly target: string | undefined;
  attributes: Attributes;
  ctimeNs: bigint;
  links = 0;
  openDescriptors = 0;
  /** Of a directory, the names that a running system sees. */
  readonly entries = new Map<string, SimulatedInode>();
  /** Of a directory, the names on disk. */
  readonly durableEntries = new Map<string, SimulatedInode>();
  #buffer = new Uint8Array(0);
  #size = 0;
  #durableData = new Uint8Array(0);
  #durableAttributes: Attributes;
  #pendingData: DataChange[] = [];
  #pendingAttributes: AttributeChange[] = [];

  constructor(identity: InodeIdentity, attributes: Attributes) {
    this.number = identity.number;
    this.device = identity.device;
    this.type = identity.type;
    this.target = identity.target;
    this.attributes = attributes;
    // A name can't lead to nothing: with its first name an inode is on disk as it was created.
    this.#durableAttributes = attributes;
    this.birthtimeNs = identity.birthtimeNs ?? attributes.mtimeNs;
    this.ctimeNs = attributes.mtimeNs;
  }

  get size(): number {
    return this.type === 'link' ? Buffer.byteLength(this.target ?? '') : this.#size;
  }

  get data(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  writeData(position: number, bytes: Uint8Array): void {
    this.#apply({ position, bytes: bytes.slice() });
  }

  truncateData(length: number): void {
    this.#apply({ length });
  }

  change(change: AttributeChange): void {
    this.attributes = changed(this.attributes, change);
    this.#pendingAttributes.push(change);
  }

  /** fsync(2): data and attributes are on disk; the inode's names are another matter. */
  settle(): void {
    if (this.#pendingData.length > 0) {
      this.#durableData = this.data.slice();
    }
    this.#durableAttributes = this.attributes;
    this.#pendingData = [];
    this.#pendingAttributes = [];
  }

  /** The inode as a crash leaves it, without entries. */
  afterCrash(choice: CrashChoice): SimulatedInode {
    let attributes = this.#durableAttributes;
    for (const change of this.#pendingAttributes) {
      attributes = choice.keeps({ kind: change.kind, inode: this.number }) ? changed(attributes, change) : attributes;
    }
    const image = new SimulatedInode(this, attributes);
    image.writeData(0, this.#durableData);
    for (const change of this.#pendingData) {
      if (choice.keeps({ kind: 'data', inode: this.number })) {
        image.#apply(torn(change, choice));
      }
    }
    image.settle();
    return image;
  }

  #apply(change: DataChange): void {
    this.#pendingData.push(change);
    const end = 'length' in change ? change.length : change.position + change.bytes.length;
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(end, this.#buffer.length * 2));
      grown.set(this.data);
      this.#buffer = grown;
    }
    if ('length' in change) {
      this.#buffer.fill(0, Math.min(change.length, this.#size));
      this.#size = change.length;
    } else if (change.bytes.length > 0) {
      this.#buffer.set(change.bytes, change.position);
      this.#size = Math.max(this.#size, end);
    }
  }
}

function changed(attributes: Attributes, change: AttributeChange): Attributes {
  const { kind: _, ...values } = change;
  return { ...attributes, ...values };
}

function torn(change: DataChange, choice: CrashChoice): DataChange {
  if ('length' in change) {
    return change;
  }
  const bytes = new Uint8Array(change.bytes.length);
  bytes.set(change.bytes.subarray(0, choice.keptBytes(bytes.length)));
  return { position: change.position, bytes };
}
