// Installs what the lock file names, unless it is there already, and builds. Run before `npm start` and `npm test`.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);

/** What a lock file names, by its place; undefined if there is none. npm keeps one of what it installed in node_modules. */
function packagesOf(name) {
  try {
    return JSON.parse(readFileSync(new URL(name, root), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Whether all that is wanted is there. A package for another system is optional, and npm leaves it out. */
function isInstalled(wanted, present) {
  return Object.entries(wanted)
    .filter(([place]) => place !== '')
    .every(([place, { integrity, optional }]) => {
      const found = present[place];
      return found === undefined ? optional === true : found.integrity === integrity;
    });
}

function npm(...words) {
  const { status } = spawnSync('npm', words, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

const present = packagesOf('node_modules/.package-lock.json');
if (present === undefined || !isInstalled(packagesOf('package-lock.json') ?? {}, present)) {
  npm('ci', '--no-audit', '--no-fund');
}
npm('run', '--silent', 'build');
