import { defineConfig } from 'vitest/config';

// Too long for every day: `npm run soak`. SOAK_MESSAGES and SOAK_SNAPSHOTS say how much.
export default defineConfig({
  test: { root: import.meta.dirname, include: ['soak.test.ts'], hookTimeout: 120_000 },
});
