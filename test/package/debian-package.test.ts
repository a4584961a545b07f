/**
 * The Debian package in a clean Debian 13 system: installed, used by the commands of its units, upgraded, removed, purged.
 * The steps follow one another.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { debianSystem, runIn, runOrFail } from '../matrix/debian-system.js';
import { madePackage } from './made-package.ts';

let scratch: string;
let root: string;
let before: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'postsnap-package-'));
  root = join(scratch, 'system');
  // A copy: what the package does to a system is left in no other test's.
  runOrFail('cp', ['-a', debianSystem('trixie', ['nodejs']), root]);
  copyFileSync(madePackage(scratch), join(root, 'root/postsnap.deb'));
  before = filesOf();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Runs a script of the shell as root of that system; its exit status. */
function inSystem(script: string): number | null {
  return runIn({ root, node: undefined }, ['sh', '-eux', '-c', script], ({ status }) => status);
}

/** What packages put into a system, and what they leave. */
function filesOf(): string {
  const { stdout } = spawnSync('find', ['etc', 'usr', 'var/lib/systemd', 'lib', '-newermt', '1970-01-01'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout.split('\n').sort().join('\n');
}

/** The command of a unit, as systemd would run it. */
const commandOf = (unit: string) => `$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/${unit})`;

test('it is installed, and brings the command, its pages, completions, units and settings', () => {
  expect(
    inSystem(`
      dpkg --install /root/postsnap.deb
      postsnap --version
      for file in /usr/lib/systemd/system/postsnap.timer /usr/share/man/man1/postsnap.1.gz \
        /usr/share/bash-completion/completions/postsnap /etc/postsnap/postsnap.toml; do test -s "$file"; done
      test ! -e /etc/systemd/system/timers.target.wants/postsnap.timer`),
  ).toBe(0);
});

test('its settings are for root alone, and others do without them', () => {
  expect(
    inSystem(`
      test "$(stat -c %a:%U:%G /etc/postsnap/postsnap.toml)" = 640:root:root
      setpriv --reuid nobody --regid nogroup --clear-groups postsnap check --store /nowhere >/tmp/out 2>/tmp/err || test $? = 3
      grep -F 'POSTSNAP UNKNOWN' /tmp/out
      grep -F 'this user may not read /etc/postsnap/postsnap.toml' /tmp/err
      rm /tmp/out /tmp/err`),
  ).toBe(0);
});

test("its unit's command backs up a queue into a store, and the drill's command restores it for trial", () => {
  expect(
    inSystem(`
      postconf -e myhostname=mail.example.com
      postfix check
      printf 'Subject: kept\\n\\nhello\\n' | sendmail -f sender@example.org recipient@example.com
      test "$(find /var/spool/postfix/maildrop -type f | wc -l)" = 1
      mkdir -m 700 /var/backups/postsnap
      sed -i '0,/^#store = .*/s||store = "/var/backups/postsnap"|' /etc/postsnap/postsnap.toml
      ${commandOf('postsnap.service')}
      test "$(find /var/backups/postsnap -name '*.tar.zst' | wc -l)" = 1
      ${commandOf('postsnap-drill.service')}
      postsnap list --store /var/backups/postsnap --snapshot latest | grep -F sender@example.org`),
  ).toBe(0);
});

test('what was lost comes back from the store', () => {
  expect(
    inSystem(`
      rm -r /var/spool/postfix/maildrop/*
      postsnap restore --store /var/backups/postsnap --snapshot latest
      test "$(find /var/spool/postfix/maildrop -type f | wc -l)" = 1`),
  ).toBe(0);
});

test('an upgrade keeps the settings', () => {
  expect(
    inSystem(`
      chmod 600 /etc/postsnap/postsnap.toml
      cd /root && dpkg-deb --raw-extract postsnap.deb tree
      sed -i 's/^Version: .*/Version: 999/' tree/DEBIAN/control
      dpkg-deb --build tree newer.deb
      dpkg --install newer.deb
      dpkg-query --show postsnap | grep -F 999
      grep -F 'store = "/var/backups/postsnap"' /etc/postsnap/postsnap.toml
      test "$(stat -c %a /etc/postsnap/postsnap.toml)" = 600
      ${commandOf('postsnap.service')}
      rm -r tree newer.deb`),
  ).toBe(0);
});

test('when it is removed the settings stay; when it is purged, the snapshots alone', () => {
  expect(inSystem('dpkg --remove postsnap && test -e /etc/postsnap/postsnap.toml && test ! -e /usr/bin/postsnap')).toBe(
    0,
  );
  expect(inSystem('dpkg --purge postsnap && test ! -e /etc/postsnap && test -d /var/backups/postsnap')).toBe(0);
  expect(filesOf()).toBe(before);
});
