import { defineConfig } from 'vitest/config';

// Long runs, one at a time: npm run torture. Short ones of the same kind are part of npm test.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.torture.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
