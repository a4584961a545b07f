import { describe, expect, it } from 'vitest';
import { BUILT_IN_PARAMETERS, parsePostconf, withDefaults } from '../../../src/postfix/parameters.ts';
import { parseTimeValue } from '../../../src/postfix/time-value.ts';

describe('parsePostconf', () => {
  it('reads a line for each parameter, empty values and = in values too', () => {
    const output = 'queue_directory = /q\nalways_bcc =\ncontent_filter = a = b\npostconf: warning: x\n';
    expect([...parsePostconf(output)]).toEqual([
      ['queue_directory', '/q'],
      ['always_bcc', ''],
      ['content_filter', 'a = b'],
    ]);
  });
});

describe('withDefaults', () => {
  it('puts known values over the defaults and drops the others', () => {
    const values = withDefaults(
      new Map([
        ['hash_queue_depth', '2'],
        ['unheard_of', 'x'],
      ]),
    );
    expect(values).toEqual({ ...BUILT_IN_PARAMETERS, hash_queue_depth: '2' });
  });
});

describe('parseTimeValue', () => {
  it.each([
    ['300s', 's', 300],
    ['5d', 's', 432_000],
    ['1h', 's', 3600],
    ['2w', 's', 1_209_600],
    ['7', 'm', 420],
    ['0', 's', 0],
    ['5x', 's', undefined],
    ['', 's', undefined],
    ['-1', 's', undefined],
    ['s', 's', undefined],
    ['99999999999', 's', undefined],
  ])('%j with the unit %s is %s', (text, unit, seconds) => {
    expect(parseTimeValue(text, unit)).toBe(seconds);
  });
});
