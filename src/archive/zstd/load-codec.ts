/**
 * The one place that knows which zstd this runtime has: node:zlib's where there is one (Node 22.15, 23.8 and later),
 * else zstd-codec's, which is loaded only then.
 */

import { OperatorError } from '../../errors.ts';
import type { Codec, CodecName } from './codec.ts';
import { loadNativeCodec } from './native-codec.ts';

export type { Codec, CodecName };

/**
 * Loads a codec: the one preferred, or the fastest that the runtime has. Each worker thread loads its own.
 *
 * @throws OperatorError `unavailable`: node:zlib of this runtime has no zstd.
 */
export async function loadCodec(prefer?: CodecName): Promise<Codec> {
  const native = prefer === 'wasm' ? undefined : loadNativeCodec();
  if (native !== undefined) {
    return native;
  }
  if (prefer === 'native') {
    throw new OperatorError('unavailable', 'this version of Node.js has no zstd of its own');
  }
  const { loadWasmCodec } = await import('./wasm-codec.ts');
  return loadWasmCodec();
}

/** The codecs that this runtime can load, the fastest first. */
export function availableCodecs(): CodecName[] {
  return loadNativeCodec() === undefined ? ['wasm'] : ['native', 'wasm'];
}
