/**
 * Frames between root's process and the one that works with mail_owner's rights: the length of a text and of raw bytes in
 * four bytes each, then both. Whoever reads them says how long they may be, before memory is taken.
 */

const HEAD_SIZE = 8;

export interface Frame {
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface FrameLimits {
  readonly text: number;
  readonly bytes: number;
}

/** What is no frame, or one that is too long: whoever sent it is not what it should be. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const NO_BYTES = new Uint8Array(0);

/** Encodes a frame. */
export function encodeFrame(text: string, bytes: Uint8Array = NO_BYTES): Uint8Array {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEAD_SIZE + length + bytes.length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(bytes.length, 4);
  frame.write(text, HEAD_SIZE);
  frame.set(bytes, HEAD_SIZE + length);
  return frame;
}

interface Lengths {
  readonly text: number;
  readonly bytes: number;
}

function decodeHead(head: Uint8Array, limits: FrameLimits): Lengths {
  const view = Buffer.from(head.buffer, head.byteOffset, HEAD_SIZE);
  const lengths = { text: view.readUInt32BE(0), bytes: view.readUInt32BE(4) };
  if (lengths.text > limits.text || lengths.bytes > limits.bytes) {
    throw new FrameError(`a frame of ${lengths.text} and ${lengths.bytes} bytes is too long`);
  }
  return lengths;
}

function decodeBody(body: Uint8Array, { text }: Lengths): Frame {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { text: buffer.toString('utf8', 0, text), bytes: body.subarray(text) };
}

/** Cuts a stream of bytes into frames, as it comes. */
export class FrameDecoder {
  readonly #limits: FrameLimits;
  #held: Uint8Array[] = [];
  #size = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Whether a frame has begun and not ended. */
  get isWithin(): boolean {
    return this.#size > 0;
  }

  /** @throws FrameError: it is longer than the limits */
  push(chunk: Uint8Array): Frame[] {
    this.#held.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      frames.push(frame);
    }
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#size < HEAD_SIZE) {
      return undefined;
    }
    const first = this.#held[0];
    const head = first !== undefined && first.length >= HEAD_SIZE ? first : this.#join();
    const lengths = decodeHead(head, this.#limits);
    const end = HEAD_SIZE + lengths.text + lengths.bytes;
    if (this.#size < end) {
      return undefined;
    }
    const all = this.#join();
    this.#held = all.length === end ? [] : [all.subarray(end)];
    this.#size -= end;
    return decodeBody(all.subarray(HEAD_SIZE, end), lengths);
  }

  #join(): Uint8Array {
    const [first, ...others] = this.#held;
    const all = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#held);
    this.#held = [all];
    return all;
  }
}

/** Reads one frame, piece by piece. @param readFully gives exactly so many bytes, or throws */
export function readFrame(readFully: (length: number) => Uint8Array, limits: FrameLimits): Frame {
  const lengths = decodeHead(readFully(HEAD_SIZE), limits);
  return decodeBody(readFully(lengths.text + lengths.bytes), lengths);
}
