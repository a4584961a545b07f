/**
 * What other users run in tests. A checkout may be where they can't go, below /root say: then they get copies of their own
 * from a directory that everybody gets through.
 */

import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND } from './command.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let directory: string | undefined;
let command: string | undefined;

/** The built command. */
export function commandForAnybody(): string {
  command ??= isOpenToAll(COMMAND) ? COMMAND : install(join(openDirectory(), 'postsnap'));
  return command;
}

/** A script that imports nothing of this project. */
export function scriptForAnybody(path: string): string {
  if (isOpenToAll(path)) {
    return path;
  }
  // No package.json stands above the copy that would call it a module.
  const copy = join(openDirectory(), basename(path).replace(/\.js$/u, '.mjs'));
  copyFileSync(path, copy);
  chmodSync(copy, 0o644);
  return copy;
}

/** A copy of the built program with what it needs, as an installation is. */
export function install(target: string): string {
  mkdirSync(target, { recursive: true });
  for (const name of ['bin', 'dist', 'package.json']) {
    cpSync(join(ROOT, name), join(target, name), { recursive: true });
  }
  for (const name of dependencies(ROOT)) {
    cpSync(join(ROOT, 'node_modules', name), join(target, 'node_modules', name), { recursive: true });
  }
  return join(target, 'bin', 'postsnap.js');
}

/** The packages that one needs, and that these need. */
function dependencies(path: string, known: Set<string> = new Set()): Set<string> {
  const { dependencies: names = {} } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  for (const name of Object.keys(names).filter((key) => !known.has(key))) {
    known.add(name);
    dependencies(join(ROOT, 'node_modules', name), known);
  }
  return known;
}

function openDirectory(): string {
  if (directory === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'postsnap-for-anybody-'));
    chmodSync(made, 0o755);
    process.once('exit', () => rmSync(made, { recursive: true }));
    directory = made;
  }
  return directory;
}

function isOpenToAll(path: string): boolean {
  const isReadable = (statSync(path).mode & 0o004) !== 0;
  return isReadable && isReachable(dirname(path));
}

function isReachable(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (path === '/' || isReachable(dirname(path)));
}
