import { defineConfig } from 'vitest/config';

// Too long for every day: `npm run soak`. SOAK_MESSAGES, SOAK_SNAPSHOTS and PACE_MESSAGES say how much.
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.test.ts'], fileParallelism: false, hookTimeout: 120_000 },
});
