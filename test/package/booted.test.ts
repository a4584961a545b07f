/**
 * The units of the package in a Debian 13 system that is booted: systemd itself starts them, in the sandbox that they ask
 * for, beside a Postfix that runs. The steps follow one another.
 */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { debianSystem, runIn, runOrFail } from '../matrix/debian-system.js';
import { BootedSystem } from './booted-system.ts';
import { madePackage } from './made-package.ts';

let scratch: string;
let system: BootedSystem;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'postsnap-booted-'));
  const root = join(scratch, 'system');
  runOrFail('cp', ['-a', debianSystem('trixie', ['nodejs']), root]);
  copyFileSync(madePackage(scratch), join(root, 'root/postsnap.deb'));
  expect(runIn({ root, node: undefined }, ['sh', '-eux', '-c', INSTALL], ({ status }) => status)).toBe(0);
  system = await BootedSystem.boot(root);
});
afterAll(async () => {
  await system.end();
  rmSync(scratch, { recursive: true });
});

const INSTALL = `
  printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o Acquire::Retries=3 update
  apt-get -q -o Acquire::Retries=3 install -y --no-install-recommends systemd systemd-sysv
  # Nobody logs in.
  for unit in console-getty.service getty.target; do ln -s /dev/null "/etc/systemd/system/$unit"; done
  postconf -e myhostname=mail.example.com relayhost=[127.0.0.1]:9
  postmulti -e init
  postmulti -I postfix-out -e create
  postmulti -i postfix-out -e enable
  postconf -c /etc/postfix-out -e myhostname=out.example.com authorized_submit_users=static:anyone
  mkdir -p /var/lib/prometheus/node-exporter
  dpkg --install /root/postsnap.deb`;

/** Runs a script, which must end well. */
function succeed(script: string): string {
  const { status, output } = system.run(script);
  expect({ script, status, output }).toMatchObject({ status: 0 });
  return output;
}

const STORE = '/var/backups/postsnap';
const CRON = '/usr/share/doc/postsnap/examples/cron.d/postsnap';
const snapshots = (line: string) => Number(succeed(`find ${STORE}/${line} -name '*.tar.zst' | wc -l`));
/** What the command of a unit has written since this was asked last. */
const saidBy = (unit: string) =>
  succeed(`
    journalctl --sync
    journalctl --quiet --output=cat --cursor-file=/run/asked-${unit} --unit=${unit} _TRANSPORT=stdout`);
const set = (key: string, value: string) =>
  succeed(`sed -i 's|^${key} = .*|${key} = ${value}|' /etc/postsnap/postsnap.toml`);

test('Postfix runs, and mail waits in the queues of both instances', () => {
  succeed(`
    systemctl start postfix
    for directory in /etc/postfix /etc/postfix-out; do
      printf 'Subject: kept\\n\\nhello\\n' | MAIL_CONFIG=$directory sendmail -f sender@example.org recipient@example.com
    done
    for try in $(seq 300); do
      test -z "$(find /var/spool/postfix/deferred -type f)" || exit 0
      sleep 0.1
    done
    exit 1`);
});

test.each(['postsnap', 'postsnap-drill', 'postsnap-prune', 'postsnap@postfix-out'])(
  'without a store %s.service fails in one line, and a unit tells so',
  (name) => {
    expect(system.run(`systemctl start ${name}.service`).status).toBe(1);
    expect(saidBy(`${name}.service`)).toMatch(/^postsnap: fatal: [^\n]+\. [^\n]+\n$/u);
    succeed(`
      for try in $(seq 100); do
        journalctl --quiet --output=cat --identifier=postsnap | grep -F '${name}.service has failed' && exit 0
        sleep 0.1
      done
      exit 1`);
  },
);

test('check-config says what is lacking, and that nothing is once it is done', () => {
  const before = system.run('postsnap check-config');
  expect(before.status).toBe(78);
  expect(before.output).toMatch(/^ *WRONG +store: /mu);
  expect(before.output).toMatch(/^ *WRONG +schedule: [^\n]*`systemctl enable --now postsnap\.timer`/mu);
  succeed(`
    mkdir -m 700 ${STORE}
    cat >/etc/postsnap/postsnap.toml <<'END'
store = "${STORE}"
keep-last = 9
metrics-file = "/var/lib/prometheus/node-exporter/postsnap.prom"
END
    systemctl enable --now postsnap.timer postsnap-drill.timer postsnap-prune.timer postsnap@postfix-out.timer`);
  expect(succeed('postsnap check-config')).not.toContain('WRONG');
  expect(succeed('postsnap check-config -i postfix-out')).not.toContain('WRONG');
});

test('each timer waits for its service', () => {
  const timers = succeed('systemctl list-timers --no-legend --no-pager');
  for (const name of ['postsnap', 'postsnap-drill', 'postsnap-prune', 'postsnap@postfix-out']) {
    expect(timers).toMatch(new RegExp(` ${name}\\.timer +${name}\\.service$`, 'mu'));
  }
});

test('postsnap.service backs up the queue of the Postfix that runs, silently', () => {
  succeed('systemctl start postsnap.service');
  expect(saidBy('postsnap.service')).toBe('');
  expect(snapshots('mail.example.com')).toBe(1);
  expect(succeed(`postsnap list --store ${STORE} --host mail.example.com --snapshot latest`)).toContain(
    'sender@example.org',
  );
  expect(succeed('cat /var/lib/prometheus/node-exporter/postsnap.prom')).toMatch(
    /^postsnap_backup_exit_status\S* 0$/mu,
  );
});

test('postsnap@.service backs up that of another instance, silently', () => {
  succeed('systemctl start postsnap@postfix-out.service');
  expect(saidBy('postsnap@postfix-out.service')).toBe('');
  expect(snapshots('out.example.com-postfix-out')).toBe(1);
});

test('postsnap-drill.service restores for trial, silently, and leaves nothing', () => {
  const files = () =>
    succeed('find /var/spool/postfix*/*/* /var/tmp /tmp -not -path "*/systemd-private-*" -type f | sort');
  const before = files();
  succeed('systemctl start postsnap-drill.service');
  expect(saidBy('postsnap-drill.service')).toBe('');
  expect(files()).toBe(before);
  expect(succeed('cat /var/lib/prometheus/node-exporter/postsnap.prom')).toMatch(/^postsnap_drill_exit_status\S* 0$/mu);
});

test('postsnap-prune.service removes what is too old, silently', () => {
  succeed('for night in 1 2 3; do systemctl start postsnap.service; done');
  expect(snapshots('mail.example.com')).toBe(4);
  set('keep-last', '2');
  succeed('systemctl start postsnap-prune.service');
  expect(saidBy('postsnap-prune.service')).toBe('');
  expect(snapshots('mail.example.com')).toBe(2);
});

test('each line for cron does its work as cron would run it, silently', () => {
  const lines = succeed(`grep -E '^[0-9]' ${CRON}`).trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ +root +/u)[1])).toEqual([
    'nice postsnap backup --quiet',
    'nice postsnap drill --quiet',
  ]);
  for (const line of lines) {
    const command = line.split(/ +root +/u)[1];
    expect(
      succeed(`eval "$(grep ^PATH= ${CRON})"; env -i HOME=/root SHELL=/bin/sh PATH="$PATH" sh -c '${command}'`),
    ).toBe('');
  }
});

test('the timers go with the package', () => {
  succeed('dpkg --remove postsnap');
  expect(succeed('systemctl list-timers --all --no-legend --no-pager')).not.toContain('postsnap');
});
