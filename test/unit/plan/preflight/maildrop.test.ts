/** What pickup(8) and cleanup(8) do to messages once more. */

import { expect, it } from 'vitest';
import { find } from '../../../support/plan/find.ts';

it('findings name recipients that cleanup adds again, to what went through it before', () => {
  const circumstances = { options: { into: 'maildrop' }, parameters: { always_bcc: 'archive@example.com' } } as const;
  expect(find([{}, {}, { queue_name: 'maildrop' }], circumstances)).toEqual([
    {
      code: 'bcc-again',
      severity: 'warning',
      parameters: ['always_bcc'],
      messages: 2,
      bytes: 1400,
      examples: [
        { queue_name: 'deferred', queue_id: '4F1A20B' },
        { queue_name: 'deferred', queue_id: '4F1A21B' },
      ],
    },
  ]);
});

it('findings name a second filtering', () => {
  const circumstances = { options: { into: 'maildrop' }, parameters: { content_filter: 'scan:localhost' } } as const;
  expect(find([{}], circumstances)).toMatchObject([{ code: 'content-filter-again', messages: 1 }]);
});

it('findings name checks that run again, and rewriting, of what went through them before', () => {
  const parameters = { header_checks: 'regexp:/h', body_checks: 'pcre:/b', virtual_alias_maps: 'hash:/v' };
  const circumstances = { options: { into: 'maildrop' }, parameters } as const;
  expect(find([{}, { queue_name: 'maildrop' }], circumstances)).toMatchObject([
    { code: 'checks-again', parameters: ['header_checks', 'body_checks'], messages: 1 },
    { code: 'rewriting-again', parameters: ['virtual_alias_maps'], messages: 1 },
  ]);
  expect(find([{}], { parameters })).toEqual([]);
});

it('findings name what was in maildrop and does not go on hold', () => {
  const submissions = [{ queue_name: 'maildrop' }, { queue_name: 'maildrop' }, { queue_name: 'hold' }] as const;
  expect(find(submissions, { options: { into: 'hold' } })).toMatchObject([
    { code: 'maildrop-left-off-hold', messages: 2 },
  ]);
  const queues = new Set(['maildrop', 'hold'] as const);
  expect(find(submissions, { options: { into: 'hold', queues } })).toMatchObject([
    { code: 'maildrop-not-on-hold', messages: 2 },
  ]);
  expect(find(submissions)).toEqual([]);
});
