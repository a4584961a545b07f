import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Criteria, SelectableMessage, SelectionOptions } from '../../../src/plan/criteria.ts';
import { compileSelection } from '../../../src/plan/selection.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const NOW = 1_700_010_000;

const MESSAGE: SelectableMessage = messageLine({
  queue_id: '4F1A21B',
  queue_name: 'deferred',
  arrival_time: NOW - 7200,
  message_size: 1000,
  sender: 'sender@example.com',
  recipients: [
    { address: 'one@example.org', delay_reason: 'connect to mx: Connection timed out' },
    { address: 'new@example.net', orig_address: 'old@example.net', bounce_reason: 'user unknown' },
  ],
});

async function whyNot(selection: SelectionOptions, message = MESSAGE) {
  return (await compileSelection(selection, NOW)).whyNot(message);
}

/** For each criterion what fits the message, and what does not. */
const CASES: readonly (readonly [keyof Criteria, Criteria, Criteria])[] = [
  ['ids', { ids: ['XXXXX', '4F1A21B'] }, { ids: ['4F1A21C', 'hold/4F1A21B'] }],
  ['ids', { ids: ['deferred/4F1A21B'] }, { ids: [] }],
  ['queues', { queues: ['hold', 'deferred'] }, { queues: ['hold'] }],
  ['states', { states: ['queued'] }, { states: ['left'] }],
  ['older', { older: 7199 }, { older: 7200 }],
  ['younger', { younger: 7201 }, { younger: 7200 }],
  ['before', { before: NOW - 7199 }, { before: NOW - 7200 }],
  ['since', { since: NOW - 7200 }, { since: NOW - 7199 }],
  ['larger', { larger: 999 }, { larger: 1000 }],
  ['smaller', { smaller: 1001 }, { smaller: 1000 }],
  ['senders', { senders: ['x@y', '@example.com'] }, { senders: ['@example.org'] }],
  ['recipients', { recipients: ['ONE@example.org'] }, { recipients: ['sender@example.com'] }],
  ['recipients', { recipients: ['old@example.net'] }, { recipients: ['older@example.net'] }],
  ['senderDomains', { senderDomains: ['EXAMPLE.com.'] }, { senderDomains: ['example.org', 'ample.com'] }],
  ['recipientDomains', { recipientDomains: ['x.example', 'example.org'] }, { recipientDomains: ['ple.org'] }],
  // Of example.net there is one recipient, who is done.
  ['recipientDomains', { recipientDomains: ['@example.org'] }, { recipientDomains: ['example.net'] }],
  [
    'reasonKinds',
    { reasonKinds: ['connect to mx: Connection timed out'] },
    { reasonKinds: ['Connection timed out', 'connect to mx: Connection timed'] },
  ],
  ['reasonKinds', { reasonKinds: ['user unknown'] }, { reasonKinds: ['user'] }],
  ['reasons', { reasons: ['/timed out/'] }, { reasons: ['/refused/'] }],
  ['reasons', { reasons: ['/USER unknown/'] }, { reasons: ['/^unknown/'] }],
];

describe('one criterion', () => {
  test.each(CASES)('%s: %o fits, %o does not', async (criterion, fits, fitsNot) => {
    expect(await whyNot({ only: fits })).toBeUndefined();
    expect(await whyNot({ only: fitsNot })).toEqual({ criterion, excluded: false });
    expect(await whyNot({ exclude: fits })).toEqual({ criterion, excluded: true });
    expect(await whyNot({ exclude: fitsNot })).toBeUndefined();
  });

  test('nothing that is asked for selects everything', async () => {
    expect(await whyNot({})).toBeUndefined();
  });
});

test('all criteria that are given must hold, and none that is excluded', async () => {
  const choice = fc.array(fc.tuple(fc.constantFrom(...CASES), fc.boolean(), fc.boolean()), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(choice, async (choices) => {
      // The last of one criterion counts: two of one kind would add up.
      const only: Record<string, unknown> = {};
      const exclude: Record<string, unknown> = {};
      const expected = new Map<string, boolean>();
      for (const [[criterion, fits, fitsNot], isExcluded, isFitting] of choices) {
        (isExcluded ? exclude : only)[criterion] = (isFitting ? fits : fitsNot)[criterion];
        expected.set(`${criterion} ${isExcluded}`, isFitting !== isExcluded);
      }
      const selection = await compileSelection({ only, exclude }, NOW);
      expect(selection.has(MESSAGE)).toBe([...expected.values()].every((holds) => holds));
    }),
  );
});

describe('what was named', () => {
  test('and is on no message is known at the end, also where another criterion leaves the message out', async () => {
    const selection = await compileSelection(
      { only: { ids: ['4F1A21B', 'hold/4F1A21B', 'ABCDE12345'], queues: ['hold'] } },
      NOW,
    );
    expect(selection.has(MESSAGE)).toBe(false);
    expect(selection.missingIds()).toEqual(['hold/4F1A21B', 'ABCDE12345']);
  });

  test('is told to be searched in part, where a message has recipients beyond the catalogue', async () => {
    const asked = async (criteria: Criteria, recipients_omitted?: number) => {
      const selection = await compileSelection({ only: criteria }, NOW);
      selection.has({ ...MESSAGE, recipients_omitted });
      return selection.isUnsure;
    };
    expect(await asked({ recipients: ['@example.org'] }, 3)).toBe(true);
    expect(await asked({ reasons: ['/x/'] }, 3)).toBe(true);
    expect(await asked({ reasonKinds: ['x'] }, 3)).toBe(true);
    expect(await asked({ recipientDomains: ['x.example'] }, 3)).toBe(true);
    expect(await asked({ recipients: ['@example.org'] })).toBe(false);
    expect(await asked({ senders: ['@example.org'] }, 3)).toBe(false);
  });
});
