import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashDirectories } from '../../src/queue/hash-directory.ts';
import {
  formatLongQueueId,
  formatShortQueueId,
  nextMicrosecond,
  parseQueueId,
  toShort,
  withInode,
} from '../../src/queue/queue-id.ts';

const inode = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const microseconds = fc.integer({ min: 0, max: 999_999 });
const seconds = fc.integer({ min: 0, max: 2 ** 40 });
const short = fc.record({ microseconds, inode }).map(formatShortQueueId);
const long = fc.record({ seconds, microseconds, inode }).map(formatLongQueueId);
const id = fc.oneof(short, long);

describe('queue IDs', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(id, (made) => {
        expect(parseQueueId(made.text)).toEqual(made);
      }),
    );
  });

  it('of any text are none, or that text', () => {
    const alphabet = fc.string({ unit: fc.constantFrom(...Array.from('0123456789ABCDEFGXYZabcxyz_#')), maxLength: 24 });
    fc.assert(
      fc.property(fc.oneof(alphabet, fc.string()), (text) => {
        expect(parseQueueId(text)?.text ?? text).toBe(text);
      }),
    );
  });

  it('keep their time with another inode, and their hash directories with any form', () => {
    fc.assert(
      fc.property(id, inode, fc.integer({ min: 0, max: 3 }), (old, newInode, depth) => {
        const renamed = withInode(old, newInode);
        expect(renamed).toEqual({ ...old, inode: newInode, text: renamed.text });
        expect(withInode(renamed, old.inode)).toEqual(old);
        expect(hashDirectories(renamed, depth)).toEqual(hashDirectories(old, depth));
        expect(hashDirectories(toShort(old, newInode), depth)).toEqual(hashDirectories(old, depth));
      }),
    );
  });

  it('differ from the next one, which stays in the same second', () => {
    fc.assert(
      fc.property(id, (old) => {
        const next = nextMicrosecond(old);
        expect(next.text).not.toBe(old.text);
        expect(next).toEqual({ ...old, text: next.text, microseconds: (old.microseconds + 1) % 1_000_000 });
      }),
    );
  });
});
