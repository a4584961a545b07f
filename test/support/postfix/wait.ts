import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

export interface WaitOptions {
  readonly timeoutMs?: number;
  /** Added to the error's message, to show why nothing happened. */
  readonly explain?: () => string;
}

/** Polls until the predicate holds; an error says what was waited for. */
export async function waitFor(
  predicate: () => boolean | Promise<boolean>,
  what: string,
  options: WaitOptions = {},
): Promise<void> {
  const { timeoutMs = 20_000, explain = () => '' } = options;
  const deadline = Date.now() + timeoutMs;
  while (!(await predicate())) {
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}\n${explain()}`);
    }
    await sleep(POLL_MS);
  }
}
