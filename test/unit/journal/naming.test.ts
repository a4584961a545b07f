import { describe, expect, it } from 'vitest';
import { newQueueId } from '../../../src/journal/naming.ts';
import { parseQueueId, type QueueId } from '../../../src/queue/queue-id.ts';

function id(text: string): QueueId {
  const parsed = parseQueueId(text);
  if (parsed === undefined) throw new Error(`no queue ID: ${text}`);
  return parsed;
}

const free = (): boolean => false;

describe('newQueueId', () => {
  it('keeps the time digits and takes the new inode', () => {
    expect(newQueueId(id('4F1A21B'), { inode: 0xffn, enableLongQueueIds: true }, free).text).toBe('4F1A2FF');
  });

  it('keeps a long ID long where the target makes long ones, else makes it short as postsuper -s does', () => {
    const long = id('4WJ8Bq6zl4z3yY');
    const kept = newQueueId(long, { inode: 0x1an, enableLongQueueIds: true }, free);
    expect(kept).toMatchObject({ form: 'long', inode: 0x1an, microseconds: long.microseconds });
    const short = newQueueId(long, { inode: 0x1an, enableLongQueueIds: false }, free);
    expect(short).toMatchObject({ form: 'short', inode: 0x1an, microseconds: long.microseconds });
  });

  it('counts the microseconds up past names that are taken, and wraps', () => {
    const taken = new Set(['F423F1A', '000001A', '000011A']);
    const found = newQueueId(id('F423F1B'), { inode: 0x1an, enableLongQueueIds: false }, (name) => taken.has(name));
    expect(found.text).toBe('000021A');
  });
});
