/** What a restore has of the world outside. */

import { expect, it } from 'vitest';
import type { OperationEvent } from '../../../src/operation.ts';
import { clockAndNames, Warnings } from '../../../src/restore/surroundings.ts';

it('tells each warning once, when it arises, and keeps all for the report', () => {
  const events: OperationEvent[] = [];
  const warnings = new Warnings({ onEvent: (event) => void events.push(event) });
  warnings.tell('one');
  warnings.tell('another');
  warnings.tell('one');
  expect(warnings.list()).toEqual(['one', 'another']);
  expect(events).toEqual([
    { kind: 'warning', message: 'one' },
    { kind: 'warning', message: 'another' },
  ]);
});

it('takes clock and chance from the operation, and else from the system', () => {
  const fixed = {
    now: () => new Date(0),
    clock: () => 7,
    randomHex: (bytes: number) => 'ab'.repeat(bytes),
    uuid: () => '',
  };
  const { now, clock, randomName } = clockAndNames({ clockAndChance: fixed });
  expect([now().getTime(), clock(), randomName()]).toEqual([0, 7, 'abababababab']);
  const names = clockAndNames({}).randomName;
  expect(names()).toMatch(/^[0-9a-f]{12}$/u);
  expect(names()).not.toBe(names());
});
