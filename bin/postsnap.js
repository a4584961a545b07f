#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { main } from '../dist/cli/main.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// All output is written by then: nothing that is left over may keep the process alive.
process.exit(await main(process.argv.slice(2), version));
