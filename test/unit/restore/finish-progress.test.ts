/** How far the finishing of restores that were cut off is. */

import { expect, it } from 'vitest';
import type { OperationEvent } from '../../../src/operation.ts';
import { finishProgress } from '../../../src/restore/finish-progress.ts';
import { JournalWorld } from '../../support/journal/world.ts';

it('counts the messages of all restores that wait, and of no repair', () => {
  const world = new JournalWorld();
  for (const into of ['queues', 'maildrop', 'repair']) {
    const staging = world.begin({ into });
    world.stage(staging, 0);
    world.stage(staging, 1);
    staging.seal();
  }
  const events: OperationEvent[] = [];
  const control = { onEvent: (event: OperationEvent) => void events.push(event) };
  const progress = finishProgress({ fs: world.disk, queueDirectory: '/queue', control });
  progress.tell();
  progress.tell();
  const told = { kind: 'progress', phase: 'putting into the queues', total: 4, unit: 'messages' };
  expect(events).toEqual([
    { ...told, done: 1 },
    { ...told, done: 2 },
  ]);
});
