// Official releases of Node.js, from the packages that npm has of them.

import { join } from 'node:path';
import { cacheDirectory, madeOnce, runOrFail } from './debian-system.js';

/** The directory of the newest release of a major version, with bin/node in it; kept once it was fetched. */
export function nodeRelease(major) {
  const name = `node-linux-${process.arch}`;
  const kept = madeOnce(join(cacheDirectory(), `node-${major}`), (unfinished) => {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', unfinished];
    runOrFail('npm', ['install', ...options, `${name}@${major}`]);
  });
  return join(kept, 'node_modules', name);
}
