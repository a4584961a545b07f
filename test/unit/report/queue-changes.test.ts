import { expect, test } from 'vitest';
import { ChangeSurvey } from '../../../src/report/queue-changes.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';
import { INFO } from '../../support/report/sample-report.ts';

test('what changed is counted by what became of messages, and by domain', () => {
  const survey = new ChangeSurvey();
  const to = (...addresses: readonly string[]) =>
    messageLine({ recipients: addresses.map((address) => ({ address })) });
  const pair = { left: to('a@x.example'), right: to('a@x.example') };
  survey.add({ change: 'only_left', left: to('a@x.example', 'b@X.example', 'c@y.example'), right: null });
  survey.add({ change: 'only_right', left: null, right: to('a@x.example') });
  survey.add({
    change: 'changed',
    ...pair,
    changes: [{ code: 'moved', from: 'deferred', to: 'hold' }, { code: 'marked' }],
  });
  survey.add({ change: 'changed', ...pair, changes: [{ code: 'moved', from: 'deferred', to: 'hold' }] });
  const counts = { same: 3, changed: 2, only_left: 1, only_right: 1 };
  expect(survey.told(counts, INFO)).toEqual({
    archive: {
      snapshot_id: INFO.snapshot_id,
      myhostname: INFO.myhostname,
      instance: '-',
      started: INFO.started,
      messages: 0,
    },
    counts,
    changes: [
      { code: 'moved', messages: 2 },
      { code: 'marked', messages: 1 },
    ],
    moves: [{ from: 'deferred', to: 'hold', messages: 2 }],
    domains: [
      { domain: 'x.example', gone: 1, come: 1 },
      { domain: 'y.example', gone: 1, come: 0 },
    ],
    more_domains: 0,
  });
});
