/** When a message arrived, by the T record of the file that has its ID now. */

import { expect, it } from 'vitest';
import { arrivalMicroseconds, currentArrival } from '../../../src/backup/arrival.ts';
import { bytesSource } from '../../../src/byte-source.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { makeQueueDirectory, put, spoolOf } from '../../support/queue/queue-directory.ts';
import { fixture } from '../../support/restore/world.ts';

it('is counted in microseconds since the epoch', () => {
  expect(arrivalMicroseconds({ seconds: 1_700_000_000, microseconds: 42 })).toBe(1_700_000_000_000_042);
  expect(arrivalMicroseconds(undefined)).toBeUndefined();
});

it('is read from the envelope, also where the file has moved to another queue', () => {
  const content = fixture('plain.queue');
  const queue = makeQueueDirectory();
  put(queue, 'active/0A16F210466', { content });
  const { arrival } = examineQueueFile(bytesSource(content), 'active').envelope;
  const found = currentArrival(spoolOf(queue), { id: '0A16F210466', paths: ['incoming/0A16F210466'] });
  expect([found, typeof found]).toEqual([arrivalMicroseconds(arrival), 'number']);
});

it('is not known of what is gone, of an empty file, or of one that is no queue file', () => {
  const queue = makeQueueDirectory();
  put(queue, 'hold/0A16F210467', { content: '' });
  put(queue, 'hold/0A16F210468', { content: 'no records at all' });
  const found = ['6', '7', '8'].map((digit) =>
    currentArrival(spoolOf(queue), { id: `0A16F21046${digit}`, paths: [`hold/0A16F21046${digit}`] }),
  );
  expect(found).toEqual([undefined, undefined, undefined]);
});
