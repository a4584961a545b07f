/** Lines from standard input. */

import { InterruptedError, OperatorError } from '../../errors.ts';

/** What a command reads: chunks of bytes; it can be given up. */
export interface StandardInput extends AsyncIterable<Uint8Array | string> {
  destroy(error: Error): unknown;
}

/** Memory must not grow with what somebody pipes in. */
const LINE_MAXIMUM = 65_536;

/**
 * The lines, the last with or without its line feed.
 *
 * @throws InterruptedError: whoever should send something may never do so
 * @throws OperatorError `usage`: a line is too long to be meant
 */
export async function* linesOf(input: StandardInput, signal: AbortSignal): AsyncGenerator<string> {
  const stop = (): void => void input.destroy(new InterruptedError());
  signal.addEventListener('abort', stop, { once: true });
  try {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of input) {
      const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_MAXIMUM) {
        throw new OperatorError('usage', 'a line of standard input is too long');
      }
      yield* lines;
    }
    if (rest !== '') {
      yield rest;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
