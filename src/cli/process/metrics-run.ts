/** A run whose metrics are written however it ends. */

import { DONE, isForeseen, LEFT_OUT } from './exit-status.ts';
import type { Session } from './session.ts';

/** Times are milliseconds since the epoch. */
export interface EndedRun {
  readonly began: number;
  readonly ended: number;
  readonly exitStatus: number;
}

/**
 * Does the work of a command, and writes its metrics however it ends.
 *
 * @param write - undefined: none are wanted
 * @param work - resolves to the exit status
 * @returns that status; where only the metrics could not be written, that something was left out
 */
export async function writingMetrics(
  write: ((run: EndedRun) => Promise<void>) | undefined,
  session: Pick<Session, 'aside' | 'statusOf'>,
  work: () => Promise<number>,
): Promise<number> {
  const began = Date.now();
  const isWritten = async (exitStatus: number): Promise<boolean> => {
    try {
      await write?.({ began, ended: Date.now(), exitStatus });
      return true;
    } catch (error) {
      if (!isForeseen(error)) {
        throw error;
      }
      session.aside(error.message);
      return false;
    }
  };
  let status: number;
  try {
    status = await work();
  } catch (error) {
    await isWritten(session.statusOf(error));
    throw error;
  }
  return (await isWritten(status)) || status !== DONE ? status : LEFT_OUT;
}
