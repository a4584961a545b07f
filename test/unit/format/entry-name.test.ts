import { describe, expect, test } from 'vitest';
import { ArchiveError } from '../../../src/errors.ts';
import { formatEntryName, parseEntryName } from '../../../src/format/entry-name.ts';

describe('parseEntryName', () => {
  test.each([
    'postsnap.json',
    'seal.json',
    'catalogue/000000.jsonl',
    'catalogue/123456.jsonl',
    'queue/maildrop/3F1A2C0FFEE',
    'queue/deferred/3/3F1A2C0FFEE',
    'queue/defer/3/F/1/3F1A2C0FFEE',
    'queue/hold/3F1A2C0FFEE',
    'queue/incoming/0/000013BPX0Z0000zC2l',
  ])('reads back %s', (text) => {
    expect(formatEntryName(parseEntryName(text))).toBe(text);
  });

  test('tells the parts of a queue file apart', () => {
    expect(parseEntryName('queue/deferred/3/F/3F1A2C0FFEE')).toMatchObject({
      kind: 'file',
      queueName: 'deferred',
      depth: 2,
      id: { form: 'short', text: '3F1A2C0FFEE' },
    });
    expect(parseEntryName('catalogue/000012.jsonl')).toEqual({ kind: 'catalogue', part: 12 });
  });

  test.each([
    '',
    '.',
    '/',
    'postsnap.json/',
    '/postsnap.json',
    'Postsnap.json',
    'seal.json\n',
    'catalogue/1.jsonl',
    'catalogue/0000001.jsonl',
    'catalogue/00000a.jsonl',
    'queue/',
    'queue/deferred',
    'queue/deferred/',
    'queue/deferred/..',
    'queue/deferred/../deferred/3F1A2C0FFEE',
    'queue/deferred/F/3F1A2C0FFEE',
    'queue/deferred/3/1/3F1A2C0FFEE',
    'queue/deferred/3F/3F1A2C0FFEE',
    'queue//3F1A2C0FFEE',
    'queue/flush/3F1A2C0FFEE',
    'queue/deferred/3F1A2C0FFEE#FIX',
    'queue/deferred/3f1a2c0ffee',
    'queue/deferred/3/F/1/A/2/C/0/F/F/E/E/_/_/_/_/_/_/3F1A2C0FFEE',
    'deferred/3F1A2C0FFEE',
  ])('refuses %j', (text) => {
    expect(() => parseEntryName(text)).toThrow(expect.objectContaining({ code: 'hostile' }));
  });

  test('gives a refused name in a form that a terminal can bear', () => {
    try {
      parseEntryName(`\u001b[2J${'x'.repeat(10_000)}\u202e`);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ArchiveError);
      expect(String(error)).toMatch(/^[\x20-\x7e]{1,300}$/);
    }
  });
});
