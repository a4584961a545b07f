import { expect, it } from 'vitest';
import { find } from '../../../support/plan/find.ts';

const codes = (found: ReturnType<typeof find>): string[] => found.map(({ code }) => code);
const LONG_ID = '4bMZkk6zVPzC1z7';

it('findings name what nothing takes from maildrop, and a filter that nothing serves', () => {
  const messages = [{ content_filter: 'scan:[127.0.0.1]:10025' }, {}, { queue_name: 'maildrop' }] as const;
  const services = new Set(['cleanup', 'smtp']);
  expect(find(messages, { services })).toMatchObject([
    { code: 'no-pickup', severity: 'problem', messages: 1 },
    { code: 'no-filter-transport', severity: 'problem', messages: 1 },
  ]);
  expect(find(messages, { services: new Set(['pickup', 'scan']) })).toEqual([]);
  expect(codes(find(messages, { services, options: { into: 'maildrop' } }))).toEqual(['no-pickup']);
  // Nothing is known of the services.
  expect(find(messages)).toEqual([]);
});

it('findings name an older release, another owner, other hash directories, and IDs that become short', () => {
  const sourceParameters = {
    mail_version: '3.11.6',
    mail_owner: 'mail',
    hash_queue_names: 'defer deferred',
    hash_queue_depth: '2',
  };
  const parameters = { mail_version: '3.7.11', mail_owner: 'postfix' };
  const found = find([{}, { queue_id: LONG_ID }], { sourceParameters, parameters });
  expect(found).toMatchObject([
    { code: 'older-postfix', severity: 'info', source: '3.11.6', target: '3.7.11', messages: 2 },
    { code: 'other-mail-owner', source: 'mail', target: 'postfix' },
    { code: 'other-hash-directories', parameters: ['hash_queue_depth'] },
    { code: 'ids-become-short', messages: 1 },
  ]);
  const same = { ...parameters, enable_long_queue_ids: 'yes' };
  const equal = {
    mail_version: '3.5',
    mail_owner: 'postfix',
    hash_queue_names: 'Deferred,defer',
    hash_queue_depth: '1',
  };
  expect(find([{ queue_id: LONG_ID }], { sourceParameters: equal, parameters: same })).toEqual([]);
});

it('findings name what is wrong with the directories and files of the target, where anything is restored', () => {
  const fault = { directory: 'maildrop', kind: 'group', is: 0, wanted: 112 } as const;
  const directories = Array.from({ length: 6 }, () => fault);
  const foreign = { files: 9, examples: [{ queueName: 'deferred', queueId: 'A1' }] } as const;
  expect(find([{}, {}], { directories, foreign })).toMatchObject([
    { code: 'foreign-files', severity: 'problem', messages: 2, files: 9, first: foreign.examples },
    { code: 'directory-rights', severity: 'warning', messages: 2, faults: 6, first: directories.slice(0, 5) },
  ]);
  expect(find([{ state: 'left' }], { directories, foreign })).toEqual([]);
  expect(find([{}], { directories: [], foreign: { files: 0, examples: [] } })).toEqual([]);
});
