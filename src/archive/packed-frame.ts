/** What packers make, and writers append. */

/** A finished frame. `bytes` and `lines` have ArrayBuffers of their own, which may be transferred between threads. */
export interface PackedFrame {
  readonly bytes: Uint8Array;
  /** Bytes once decompressed. */
  readonly size: number;
  /** What encodeDraftLine() made of the lines of the entries that begin in this frame, in their order. */
  readonly lines: Uint8Array;
}
