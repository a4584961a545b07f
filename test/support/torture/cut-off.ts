/** A restore that was killed while it carried its journal out, by the command itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { killAll, start } from '../process/process.ts';
import { phaseOf } from './phases.ts';
import { optionsFor } from './queues.ts';
import type { Shim } from './shim.ts';

/** Restores into `target`, slowed down by the shim, and kills that soon after its journal was sealed. */
export async function cutOff(shim: Shim, target: string, archive: string): Promise<void> {
  const environment = shim.environment({ below: target, delayMicroseconds: 1500 });
  const running = start(['restore', '-q', ...optionsFor(target), archive], { environment });
  while (phaseOf(target) !== 'sealed') {
    await sleep(5);
  }
  await sleep(100);
  killAll(running.pid);
  await running.ended;
  if (phaseOf(target) !== 'sealed') {
    throw new Error('the restore was not cut off: it ended before it was killed');
  }
}
