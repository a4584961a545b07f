/** Which Postfix the tests run with: some of what it writes and takes has changed over the years. */

import { spawnSync } from 'node:child_process';

let release: string | undefined;

/** `3.7`, say; `0.0` where there is none. */
export function installedRelease(): string {
  release ??= askPostconf();
  return release;
}

function askPostconf(): string {
  const { status, stdout } = spawnSync('/usr/sbin/postconf', ['-dh', 'mail_version'], { encoding: 'utf8' });
  const found = status === 0 ? /^\d+\.\d+/u.exec(stdout) : null;
  return found?.[0] ?? '0.0';
}

/** Whether the installed Postfix is older than this release. */
export function isPostfixBefore(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = installedRelease().split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
