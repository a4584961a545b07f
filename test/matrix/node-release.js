// Official releases of Node.js, from the packages that npm has of them.

import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, runOrFail } from './debian-system.js';

/** The directory of the newest release of a major version, with bin/node in it; kept once it was fetched. */
export function nodeRelease(major) {
  const name = `node-linux-${process.arch}`;
  const kept = join(cacheDirectory(), `node-${major}`);
  if (existsSync(kept) === false) {
    const unfinished = mkdtempSync(`${kept}.`);
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', unfinished];
    runOrFail('npm', ['install', ...options, `${name}@${major}`]);
    renameSync(unfinished, kept);
  }
  return join(kept, 'node_modules', name);
}
