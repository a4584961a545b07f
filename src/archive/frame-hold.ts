/** Frames of a message that may still turn out not to be readable to its end: they wait, and are given on together. */

import type { PackedFrame } from './packed-frame.ts';

export interface FrameHold {
  add(frame: PackedFrame): void;
  /** Gives all on, in order. */
  release(emit: (frame: PackedFrame) => void): void;
  /** Forgets them. */
  discard(): void;
}

/** Holds them in memory: for messages that a thread may hold. */
export class HeldInMemory implements FrameHold {
  #held: PackedFrame[] = [];

  add(frame: PackedFrame): void {
    this.#held.push(frame);
  }

  release(emit: (frame: PackedFrame) => void): void {
    const frames = this.#held;
    this.#held = [];
    frames.forEach(emit);
  }

  discard(): void {
    this.#held = [];
  }
}
