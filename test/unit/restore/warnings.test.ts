import { expect, it } from 'vitest';
import type { PostfixConfiguration } from '../../../src/postfix/configuration.ts';
import { BUILT_IN_PARAMETERS } from '../../../src/postfix/parameters.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import type { Outlook } from '../../../src/restore/outlook.ts';
import { foreseenWarnings } from '../../../src/restore/warnings.ts';

const NOTHING: Outlook = {
  messages: 1,
  files: 1,
  bytes: 1,
  queues: new Set(),
  throughMaildrop: 0,
  leftOffHold: 0,
  pickedUpInstead: 0,
  expired: 0,
};

function configuration(parameters: Partial<PostfixConfiguration['parameters']> = {}): PostfixConfiguration {
  return {
    queueDirectory: '/spool',
    configDirectory: undefined,
    mailOwner: 'postfix',
    setgidGroup: 'postdrop',
    layout: DEFAULT_LAYOUT,
    enableLongQueueIds: false,
    myhostname: '',
    mailVersion: '',
    minimalBackoffSeconds: 300,
    parameters: { ...BUILT_IN_PARAMETERS, ...parameters },
  };
}

it('is silent where Postfix will do nothing unexpected', () => {
  expect(foreseenWarnings(NOTHING, configuration({ always_bcc: 'archive@example.com' }))).toEqual([]);
});

it('warns of recipients that cleanup adds again', () => {
  const outlook = { ...NOTHING, throughMaildrop: 2 };
  const [warning] = foreseenWarnings(outlook, configuration({ always_bcc: 'archive@example.com' }));
  expect(warning).toMatch(/always_bcc .* 2 messages/);
});

it('warns of a second filtering', () => {
  const outlook = { ...NOTHING, throughMaildrop: 1 };
  const [warning] = foreseenWarnings(outlook, configuration({ content_filter: 'scan:localhost' }));
  expect(warning).toMatch(/content_filter .* 1 message /);
});

it('warns of submissions, which do not go on hold', () => {
  expect(foreseenWarnings({ ...NOTHING, leftOffHold: 3 }, configuration())).toEqual([
    expect.stringMatching(/3 messages of maildrop left out: .* --queues maildrop/),
  ]);
  expect(foreseenWarnings({ ...NOTHING, pickedUpInstead: 1 }, configuration())).toEqual([
    expect.stringMatching(/1 message of maildrop go into maildrop, not on hold: pickup/),
  ]);
});

it('warns of mail that Postfix will return', () => {
  const [warning] = foreseenWarnings({ ...NOTHING, expired: 3 }, configuration());
  expect(warning).toMatch(/3 messages older than the maximal_queue_lifetime of 5d.*--into hold/);
});
