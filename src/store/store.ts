/**
 * What postsnap asks of a place that keeps archives. It is small, so that another kind of place needs a file of its own
 * and nothing else: no command knows which kind it has. A key is a path of names with `/` between them.
 */

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** An object that is being written; it has no key yet, and nobody takes it for an archive. */
export interface Draft {
  /** A plain file of this machine, open for reading and writing, empty. */
  readonly fd: number;
  /** A directory with room for what is written beside it. */
  readonly directory: string;
  /** How messages name it. */
  readonly path: string;
  /**
   * Makes the object durable and gives it its key, whole. Returns when the key is durable, too.
   *
   * @returns 'exists' if another object has that key: it is not replaced, and the draft is as it was
   */
  publish(key: string): Promise<'created' | 'exists'>;
  /** Closes and removes it, unless it was published. */
  discard(): Promise<void>;
}

export interface Store {
  /** How messages name it. */
  readonly name: string;
  /**
   * Makes it ready to be written.
   *
   * @returns 'created' if it was not there
   */
  prepare(): Promise<'created' | 'exists'>;
  /**
   * Takes the right to be the only one at work on a thing, by its name; other names don't matter.
   *
   * @returns gives it back
   * @throws BusyError `locked`: somebody else has it
   */
  occupy(name: string): Promise<() => void>;
  /** All objects, in no order. What has just been published is among them. */
  list(): Promise<readonly StoredObject[]>;
  /** Begins a new object. */
  draft(): Promise<Draft>;
  /** Makes an empty object, durable when it returns; one that is there stays as it is. */
  mark(key: string): Promise<'created' | 'exists'>;
  /** Bytes of an object; fewer at its end. */
  read(key: string, range: Range): Promise<Uint8Array>;
  /** A file of this machine that holds the object. */
  fileOf(key: string): Promise<string>;
  /** Removes an object, durably; one that is gone already is as good. */
  remove(key: string): Promise<void>;
}
