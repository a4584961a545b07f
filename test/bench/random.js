/** A random number generator with a seed (mulberry32): the same seed makes the same queue. */
export function createRandom(seed) {
  let state = seed >>> 0;
  /** 0 up to, and not including, 1. */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (limit) => Math.floor(next() * limit),
    pick: (values) => values[Math.floor(next() * values.length)],
    /** Log-normal, as the sizes of mail are. @param spread the standard deviation of the logarithm */
    logNormal: (median, spread) => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(spread * normal);
    },
    bytes: (length) => {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let at = 0; at < words.length; at += 1) {
        words[at] = next() * 2 ** 32;
      }
      return Buffer.from(words.buffer, 0, length);
    },
  };
}
