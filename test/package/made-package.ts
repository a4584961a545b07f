import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAKE = fileURLToPath(new URL('../../.ci/deb.js', import.meta.url));

/** Makes the Debian package in a directory; its path. */
export function madePackage(directory: string): string {
  const { stdout } = spawnSync(process.execPath, [MAKE, directory], { encoding: 'utf8' });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}
