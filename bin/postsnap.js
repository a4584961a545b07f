#!/usr/bin/env node
import { readFileSync } from 'node:fs';

/** EX_SOFTWARE of sysexits.h. Node's own status for what nobody caught, 1, would mean that the work was done. */
const BROKEN = 70;

try {
  const { main } = await import('../dist/cli/main.js');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  // All output is written by then: nothing that is left over may keep the process alive.
  process.exit(await main(process.argv.slice(2), version));
} catch (error) {
  console.error(`postsnap: fatal: it can't be loaded: ${error.message}. Is it built? npm ci && npm run build`);
  process.exit(BROKEN);
}
