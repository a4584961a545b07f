/** What is asked of a zstd: whole frames, synchronously, with bounds on what comes out. */

export type CodecName = 'native' | 'wasm';

/** Synchronous: it is called in worker threads, a frame at a time. */
export interface Codec {
  readonly name: CodecName;
  /** Makes one whole frame. @param level 1 to 19. @param bytes 4 MiB at most. */
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /**
   * Decompresses exactly one whole frame. A frame that is altered may give wrong bytes, but never more than
   * `maximumSize`, nor is more memory taken for it.
   *
   * @throws ArchiveError `damaged`
   */
  decompress(frame: Uint8Array, maximumSize: number): Uint8Array;
}
