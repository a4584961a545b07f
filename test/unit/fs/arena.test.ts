import { expect, it } from 'vitest';
import { Arena } from '../../../src/fs/arena.ts';

const SLAB = 1_048_576;

it('gives bytes that nothing else uses', () => {
  const arena = new Arena();
  const taken = [10, 0, SLAB - 20, 30, 5].map((length, number) => {
    const bytes = arena.take(length);
    bytes.fill(number);
    return bytes;
  });
  expect(taken.map((bytes) => bytes.length)).toEqual([10, 0, SLAB - 20, 30, 5]);
  expect(taken.every((bytes, number) => bytes.every((byte) => byte === number))).toBe(true);
});

it('gives the same memory again once it may be reused', () => {
  const arena = new Arena();
  const first = arena.take(4).fill(7);
  arena.reuse();
  const next = arena.take(4).fill(9);
  expect([...first]).toEqual([9, 9, 9, 9]);
  expect(next.buffer).toBe(first.buffer);
});

it('gives what is larger than its slab a memory of its own', () => {
  const arena = new Arena();
  const small = arena.take(4);
  const large = arena.take(SLAB + 1);
  expect(large.length).toBe(SLAB + 1);
  expect(large.buffer).not.toBe(small.buffer);
});
