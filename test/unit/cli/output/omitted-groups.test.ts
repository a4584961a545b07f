import { expect, test } from 'vitest';
import { OmittedGroups } from '../../../../src/cli/output/omitted-groups.ts';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';
import type { RestoreAction } from '../../../../src/plan/decision.ts';
import type { Reason } from '../../../../src/plan/reason.ts';

const note = (
  groups: OmittedGroups,
  [action, queue_id]: readonly [RestoreAction, string],
  reason: Reason | null,
): void => groups.note({ queue_name: 'deferred', queue_id, action, reason });

test('what is left out is told by its reason, the worst first, with a few examples', () => {
  const groups = new OmittedGroups(new QueueCommands());
  for (const id of ['A1', 'A2', 'A3', 'A4']) {
    note(groups, ['already_present', id], { code: 'in-target' });
  }
  const started = '2026-11-23T03:15:00.000Z';
  note(groups, ['already_restored', 'B1'], { code: 'restored-before', archive: '/backup/monday', started });
  note(groups, ['already_restored', 'B2'], { code: 'restored-before', archive: '/backup/tuesday', started });
  note(groups, ['failed', 'C1'], { code: 'malformed-records', faults: ['it is empty'] });
  note(groups, ['restored', 'D1'], null);
  const list = groups.list();
  expect(list.map(({ severity, messages }) => [severity, messages])).toEqual([
    ['problem', 1],
    ['info', 4],
    ['info', 1],
    ['info', 1],
  ]);
  expect(list[1]?.examples).toEqual(['deferred/A1', 'deferred/A2', 'deferred/A3']);
  expect(list[1]?.text).toBe('they stand in the target queue already');
  expect(list[2]?.text).toMatch(/restored into this queue before, .* from \/backup\/monday/u);
});

test('reasons without number are told in few groups', () => {
  const groups = new OmittedGroups(new QueueCommands());
  for (let at = 0; at < 100; at += 1) {
    note(groups, ['failed', 'A1'], { code: 'malformed-records', faults: [`fault ${at}`] });
  }
  expect(groups.list().length).toBeLessThan(50);
  expect(groups.list().reduce((sum, { messages }) => sum + messages, 0)).toBe(100);
});
