/**
 * Bytes at offsets: a queue file, an archive, or a buffer. Reading is synchronous, and in pieces: a file may be of any
 * size.
 */
export interface ByteSource {
  /** In bytes. What lies beyond it is never read; a source that has become shorter since gives less. */
  readonly size: number;
  /**
   * The bytes at an offset: `length` of them, or fewer at the end. The answer may be a view that the next call
   * overwrites, so a source like that serves one reader at a time.
   */
  read(offset: number, length: number): Uint8Array;
}

/** The first bytes of another source. */
export function beginningOf(source: ByteSource, size: number): ByteSource {
  return {
    size,
    read: (offset, length) => source.read(offset, Math.max(0, Math.min(length, size - offset))),
  };
}

/** A buffer as a {@link ByteSource}, without a copy. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
