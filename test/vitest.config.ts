import { defineConfig } from 'vitest/config';
import { MixedOrder } from './mixed-order.ts';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    // Many tests wait for other processes, so there are more at a time than the two processors of a small machine.
    maxWorkers: 4,
    sequence: { sequencer: MixedOrder },
    projects: [
      {
        extends: true,
        // Some read all of the source: beside other tests that takes its time.
        test: { name: 'unit', include: ['unit/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'property',
          include: ['property/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'fault',
          include: ['fault/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['cli/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          include: ['page/**/*.test.ts'],
          // Pages and pictures tell times of the place.
          env: { TZ: 'UTC' },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'postfix',
          include: ['postfix/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
