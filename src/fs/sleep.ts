/** Waiting without a promise, for code that is synchronous. */

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

/** Holds this thread for so many milliseconds, without using the processor. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(nobodyWakes, 0, 0, milliseconds);
}
