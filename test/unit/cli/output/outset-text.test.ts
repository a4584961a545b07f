import { expect, test } from 'vitest';
import { outsetText } from '../../../../src/cli/output/outset-text.ts';

const NOW = Date.parse('2026-11-27T10:00:00Z');
const archive = {
  myhostname: 'mail.example.com',
  instance: '-',
  source: 'queue' as const,
  started: '2026-11-25T09:00:00Z',
  finished: '2026-11-25T09:00:01Z',
  messages: 3120,
};
const target = {
  queue_directory: '/var/spool/postfix',
  instance: '-',
  mail_version: '3.7.11',
  running: true,
  messages: 1,
};

test('tells whose archive it is, when, how old, how much, and where it goes', () => {
  const text = outsetText({ archive, target }, NOW);
  expect(text).toMatch(/^Archive of mail\.example\.com, 2026-11-2\d .* \(2 days ago\): 3,120\s+messages\.\n/);
  expect(text).toContain('Into /var/spool/postfix, where Postfix 3.7.11 runs: 1 message before.');
});

test('names instances, and says nothing that it does not know', () => {
  const text = outsetText(
    {
      archive: { ...archive, instance: 'postfix-out', started: 'garbage', myhostname: '' },
      target: { ...target, running: null },
    },
    NOW,
  );
  expect(text).toContain('a host without a name (instance postfix-out), garbage: 3,120');
  expect(text).not.toMatch(/ago|runs|stopped/);
});

test('tells no time of an archive whose header is lost', () => {
  const lost = { ...archive, myhostname: '', started: new Date(0).toISOString() };
  const text = outsetText({ archive: lost, target }, NOW);
  expect(text).toMatch(/^Archive of a host without a name, of a time that is lost: 3,120\s+messages\.\n/);
});

test('tells an archive that was made of a tar', () => {
  const text = outsetText({ archive: { ...archive, source: 'tar' }, target }, NOW);
  expect(text).toMatch(/^Archive of mail\.example\.com, made of a tar, 2026/u);
});

test('tells an archive that is ahead of the clock', () => {
  expect(outsetText({ archive, target }, NOW - 4 * 86_400_000)).toContain('(ahead of this clock)');
});
