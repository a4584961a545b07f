import { expect, test } from 'vitest';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';
import { mappingJson, restoreReportJson } from '../../../../src/cli/output/restore-json.ts';
import type { RestoreReport } from '../../../../src/restore/options.ts';

const commands = new QueueCommands();

test('a line of the map has the words of a reason, and its code beside them', () => {
  const mapping = {
    queue_name: 'saved',
    queue_id: 'A1',
    new_queue_name: null,
    new_queue_id: null,
    findings: [],
  } as const;
  const reason = { code: 'restored-only-when-named', queue: 'saved' } as const;
  expect(JSON.parse(mappingJson({ ...mapping, action: 'not_selected', reason }, { dryRun: false, commands }))).toEqual({
    ...mapping,
    action: 'not_selected',
    reason: 'the saved queue is restored only when named: --queues saved',
    code: 'restored-only-when-named',
  });
});

test('the report has the facts of each finding, and a text', () => {
  const extent = { severity: 'warning', messages: 2, bytes: 1400, examples: [] } as const;
  const report: Partial<RestoreReport> = {
    restored: 2,
    routes: [{ from: 'active', to: 'incoming', messages: 2, bytes: 1400, oldest: 0, newest: 8.7e15 }],
    findings: [{ code: 'bcc-again', parameters: ['always_bcc'], ...extent }],
  };
  expect(JSON.parse(restoreReportJson(report as RestoreReport, ['beware'], commands))).toEqual({
    restored: 2,
    routes: [
      { from: 'active', to: 'incoming', messages: 2, bytes: 1400, oldest: '1970-01-01T00:00:00.000Z', newest: null },
    ],
    warnings: ['beware'],
    findings: [
      {
        code: 'bcc-again',
        ...extent,
        facts: { parameters: ['always_bcc'] },
        text: 'always_bcc will add their recipients again to 2 messages that go through maildrop',
      },
    ],
  });
});

test('facts are named as the other members of the JSON', () => {
  const extent = { severity: 'problem', messages: 1, bytes: 700, examples: [] } as const;
  const first = [{ queueName: 'deferred', queueId: 'A1' }] as const;
  const report: Partial<RestoreReport> = {
    routes: [],
    findings: [{ code: 'foreign-files', files: 2, first, ...extent }],
  };
  const [finding] = JSON.parse(restoreReportJson(report as RestoreReport, [], commands)).findings;
  expect(finding.facts).toEqual({ files: 2, first: [{ queue_name: 'deferred', queue_id: 'A1' }] });
  expect(finding.text).toMatch(/^2 messages of the target not mail_owner's \(deferred\/A1 and others\)/u);
});
