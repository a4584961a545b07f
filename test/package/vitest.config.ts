import { defineConfig } from 'vitest/config';

// The Debian package in a Debian 13 system of its own, made by debootstrap: `npm run test:package`, as root.
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.test.ts'], testTimeout: 300_000, hookTimeout: 1_200_000 },
});
