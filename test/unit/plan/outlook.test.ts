/** What a plan will write: messages, files, whole blocks. */

import { expect, it } from 'vitest';
import type { CatalogueLine } from '../../../src/format/catalogue-line.ts';
import type { PlannedMessage } from '../../../src/plan/decision.ts';
import { OutlookSum } from '../../../src/plan/outlook.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { plannedMessage } from '../../support/plan/planned.ts';

const log = (queue_id: string, file_size: number): CatalogueLine => ({
  kind: 'log',
  queue_name: 'defer',
  queue_id,
  frame: 1,
  file_size,
  sha256: 'a'.repeat(64),
  mode: 0o600,
  uid: 100,
  mtime: '0',
});

function restored(queue_id: string, changes: Partial<PlannedMessage> = {}): PlannedMessage {
  return plannedMessage({ message: messageLine({ queue_id }), ...changes });
}

it('adds up what is restored and its logs, each file in whole blocks', () => {
  const sum = new OutlookSum();
  sum.add(messageLine({ queue_id: 'A00010F', file_size: 1 }), restored('A00010F'));
  sum.add(log('A00010F', 4097), undefined);
  expect(sum.outlook()).toEqual({
    messages: 1,
    files: 2,
    bytes: 4096 + 8192,
    queues: new Map([
      ['deferred', 1],
      ['defer', 1],
    ]),
  });
});

it('counts neither what is left out, nor its logs', () => {
  const sum = new OutlookSum();
  const message = messageLine({ queue_id: 'A00010F' });
  sum.add(message, { kind: 'omit', message, action: 'left', reason: { code: 'left-source' } });
  sum.add(log('A00010F', 10), undefined);
  expect(sum.outlook()).toMatchObject({ messages: 0, files: 0, bytes: 0 });
});

it('counts no log of a message that goes without, and none of another message', () => {
  const sum = new OutlookSum();
  sum.add(messageLine({ queue_id: 'A00010F' }), restored('A00010F', { withLogs: false }));
  sum.add(log('A00010F', 10), undefined);
  sum.add(messageLine({ queue_id: 'A00011F' }), restored('A00011F'));
  sum.add(log('A00012F', 10), undefined);
  expect(sum.outlook()).toMatchObject({ messages: 2, files: 2 });
});
