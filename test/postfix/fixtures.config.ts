import { defineConfig } from 'vitest/config';

/** Makes the fixtures anew: `npx vitest run --config test/postfix/fixtures.config.ts`. */
// biome-ignore lint/style/noDefaultExport: vitest takes its configuration so.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['make-*.ts'],
    fileParallelism: false,
    hookTimeout: 120_000,
    testTimeout: 120_000,
  },
});
