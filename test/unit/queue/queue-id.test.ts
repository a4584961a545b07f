import { describe, expect, it } from 'vitest';
import {
  formatLongQueueId,
  formatShortQueueId,
  nextMicrosecond,
  parseQueueId,
  type QueueId,
  toShort,
  withInode,
} from '../../../src/queue/queue-id.ts';
import { formatSafeDigits, parseSafeDigits } from '../../../src/queue/safe-digits.ts';
import { queueFileFixtures } from '../../support/queue/queue-file-fixtures.ts';

function parsed(text: string): QueueId {
  const id = parseQueueId(text);
  if (id === undefined) {
    throw new Error(`${text} is no queue ID`);
  }
  return id;
}

describe('IDs that Postfix made', () => {
  it.each(queueFileFixtures())('$queue_id: carries the inode of its file', ({ queue_id, queue_file }) => {
    expect(parsed(queue_id).inode).toBe(BigInt(queue_file.inode));
  });

  it.each(queueFileFixtures().filter(({ queue_id }) => queue_id.includes('z')))(
    '$queue_id: carries the arrival',
    ({ queue_id, postqueue }) => {
      const id = parsed(queue_id);
      expect(id.form).toBe('long');
      expect(Math.abs((id.form === 'long' ? id.seconds : 0) - (postqueue?.arrival_time ?? 0))).toBeLessThan(3);
      expect(id.microseconds).toBeLessThan(1_000_000);
    },
  );

  it.each(queueFileFixtures())('$queue_id: is made again from its parts', ({ queue_id }) => {
    const id = parsed(queue_id);
    expect(id.form === 'short' ? formatShortQueueId(id) : formatLongQueueId(id)).toEqual(id);
  });
});

describe('safe digits', () => {
  it('agree with the test of safe_ultostr.c', () => {
    expect(formatSafeDigits(4_294_967_295n, 52, 0)).toBe('CHPgSv');
    expect(parseSafeDigits('CHPgSv', 52)).toBe(4_294_967_295n);
  });

  it('have no z in base 51', () => {
    expect(formatSafeDigits(51n, 52, 0)).toBe('z');
    expect(formatSafeDigits(51n, 51, 0)).toBe('10');
    expect(parseSafeDigits('z', 51)).toBeUndefined();
  });
});

describe('parseQueueId', () => {
  it.each(['', '0', '12345', 'ABCDE'])('takes no name of five characters or fewer: %j', (text) => {
    expect(parseQueueId(text)).toBeUndefined();
  });

  it.each([
    'abcdef', // lower case: another file than ABCDEF
    '0x12345',
    ' 123456',
    '123456 ',
    '12345G',
    '123456#FIX',
    'example_com',
    '123456.1234', // what mail_queue_enter() gives a file at first
    '12345/6',
    '12345\u0661',
  ])('takes nothing that Postfix does not write: %j', (text) => {
    expect(parseQueueId(text)).toBeUndefined();
  });

  it('reads a short ID', () => {
    expect(parseQueueId('F423F1A')).toEqual({ form: 'short', text: 'F423F1A', microseconds: 999_999, inode: 0x1an });
  });

  it('reads inodes of 64 bits, and no more', () => {
    expect(parsed('00000FFFFFFFFFFFFFFFF').inode).toBe(2n ** 64n - 1n);
    expect(parseQueueId('0000010000000000000000')).toBeUndefined();
    const long = formatLongQueueId({ seconds: 1_700_000_000, microseconds: 1, inode: 2n ** 64n - 1n }).text;
    expect(parsed(long).inode).toBe(2n ** 64n - 1n);
    expect(parseQueueId(`${long}0`)).toBeUndefined();
  });

  it('separates a long ID at the last z', () => {
    // 51 is the digit z of base 52, so this one has a z in its time, too.
    const { text } = formatLongQueueId({ seconds: 1_700_000_000, microseconds: 51, inode: 1234n });
    expect(text.indexOf('z')).toBeLessThan(text.lastIndexOf('z'));
    expect(parsed(text)).toMatchObject({ form: 'long', seconds: 1_700_000_000, microseconds: 51, inode: 1234n });
  });

  it('takes a z before ten digits of time for no separator', () => {
    expect(parseQueueId('123456789zB')).toBeUndefined();
  });

  it('tells cases apart', () => {
    expect(parsed('4jX6vY0k5mzJJ5Y').inode).not.toBe(parsed('4jX6vY0k5mzJJ5y').inode);
  });

  it('takes no name longer than Postfix does', () => {
    expect(parseQueueId('0'.repeat(255))).toBeDefined();
    expect(parseQueueId('0'.repeat(256))).toBeUndefined();
  });
});

describe('new IDs of old', () => {
  it('keep form and time with another inode', () => {
    expect(withInode(parsed('0A1B2C3D4E'), 0xffn).text).toBe('0A1B2FF');
    expect(withInode(parsed('4jX6vY0k5mzJJ5Y'), 50n).text).toBe('4jX6vY0k5mzy');
  });

  it('become short as postsuper makes them: hexadecimal microseconds', () => {
    const { microseconds } = parsed('4jX6vY0k5mzJJ5Y');
    const hexadecimal = microseconds.toString(16).toUpperCase().padStart(5, '0');
    expect(toShort(parsed('4jX6vY0k5mzJJ5Y'), 0xabcn).text).toBe(`${hexadecimal}ABC`);
  });

  it.each([999_999, 1_000_000, 1_048_576, 52 ** 4 - 1])(
    'become short ones that are true to their inode, whatever the digits of the microseconds say: %i',
    (microseconds) => {
      const long = formatLongQueueId({ seconds: 1_700_000_000, microseconds, inode: 7n });
      const short = toShort(long, 0x1234_5678n);
      expect(parseQueueId(short.text)).toEqual({
        ...short,
        inode: 0x1234_5678n,
        microseconds: microseconds % 1_000_000,
      });
    },
  );

  it('count the microseconds up, and around within the second', () => {
    expect(nextMicrosecond(parsed('0000F1')).text).toBe('000101');
    expect(nextMicrosecond(parsed('F423F1')).text).toBe('000001');
    const last = formatLongQueueId({ seconds: 1_700_000_000, microseconds: 999_999, inode: 7n });
    expect(nextMicrosecond(last)).toEqual(formatLongQueueId({ seconds: 1_700_000_000, microseconds: 0, inode: 7n }));
  });
});
