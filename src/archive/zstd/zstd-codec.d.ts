/**
 * zstd-codec 0.1.5 has no types. Only what is under its own `Streaming` class shows how much comes out while it comes
 * out, so that it can be bounded.
 */
declare module 'zstd-codec/lib/module.js' {
  /** Hands over bytes that are copied already. */
  export type OutputCallback = (bytes: Uint8Array) => void;

  /** Each call returns false on an error. `delete` frees what it holds in the WebAssembly heap. */
  export interface CompressStream {
    begin(level: number): boolean;
    transform(bytes: Uint8Array, output: OutputCallback): boolean;
    end(output: OutputCallback): boolean;
    delete(): void;
  }

  export interface DecompressStream {
    begin(): boolean;
    transform(bytes: Uint8Array, output: OutputCallback): boolean;
    end(output: OutputCallback): boolean;
    delete(): void;
  }

  export interface Binding {
    readonly ZstdCompressStreamBinding: new () => CompressStream;
    readonly ZstdDecompressStreamBinding: new () => DecompressStream;
  }

  /** Calls back once the WebAssembly module is ready. */
  export function run(ready: (binding: Binding) => void): void;
}
