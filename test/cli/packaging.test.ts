/** What is in packaging/: systemd's own judgement of the units, promtool's of the alerts, and the commands that they run. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { describeWithProgram } from '../support/process/programs.ts';
import { makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';
import { mounting } from '../support/torture/mounts.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

const PACKAGING = fileURLToPath(new URL('../../packaging', import.meta.url));
const UNITS = join(PACKAGING, 'systemd');
const LOCK_FILE = new URL('../../package-lock.json', import.meta.url);
const MAKE_PACKAGE = fileURLToPath(new URL('../../.ci/deb.js', import.meta.url));
const INSTALLED = '/usr/bin/postsnap';
/** What systemd-analyze calls OK. */
const EXPOSURE = 4;

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const isTemplate = (name: string) => name.includes('@.');
const textOf = (unit: string) => readFileSync(join(UNITS, unit), 'utf8');
const services = readdirSync(UNITS).filter((name) => name.endsWith('.service'));
const timers = readdirSync(UNITS).filter((name) => name.endsWith('.timer'));

describeWithProgram('systemd-analyze', 'the units', () => {
  let directory: string;
  beforeAll(() => {
    directory = join(scratch, 'units');
    mkdirSync(directory);
    for (const name of [...services, ...timers]) {
      // systemd looks whether the command can be run, and verifies templates by one of their instances.
      writeFileSync(join(directory, name.replace('@.', '@out.')), textOf(name).replaceAll(INSTALLED, COMMAND));
      writeFileSync(join(directory, name), textOf(name).replaceAll(INSTALLED, COMMAND));
    }
  });

  const concrete = (names: readonly string[]) => names.map((name) => join(directory, name.replace('@.', '@out.')));

  test('are verified without a word', () => {
    const args = ['verify', '--man=no', ...concrete([...services, ...timers])];
    const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    // It also loads what other packages have installed.
    const own = stderr.split('\n').filter((line) => !line.startsWith('/usr/lib/systemd/'));
    expect({ status, stdout, stderr: own }).toEqual({ status: 0, stdout: '', stderr: [''] });
  });

  test.each(services)('%s is little exposed', (name) => {
    const args = ['security', '--offline=true', '--no-pager', ...concrete([name])];
    const { stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    const exposure = /Overall exposure level for \S+: (\d+\.\d+)/u.exec(stdout)?.[1];
    expect(Number(exposure)).toBeLessThan(EXPOSURE);
  });
});

describeWithProgram('systemctl', 'check-config', () => {
  describeWith([root, mounting], 'of a system with systemd', () => {
    /** A namespace in which systemd seems to run, and has the units that ship. */
    const looksAt = (instance: readonly string[], ...prepare: string[]) => {
      const script = [
        'mount -t tmpfs tmpfs /run',
        'mkdir -p /run/systemd/system',
        'mount -t tmpfs tmpfs /etc/systemd/system',
        ...prepare,
        '"$@" || true',
      ].join(' && ');
      const command = [process.execPath, COMMAND, 'check-config', '-j', '--configuration', '/dev/null', ...instance];
      const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...command], {
        encoding: 'utf8',
        env: { ...process.env, UNITS },
      });
      expect(stderr.replaceAll(/^Created symlink .*\n/gmu, '')).toBe('');
      const { points } = JSON.parse(stdout) as { points: { name: string; ok: boolean; text: string }[] };
      return points.find(({ name }) => name === 'schedule');
    };
    const INSTALL = 'cp "$UNITS"/* /etc/systemd/system';

    test('tells of a timer that is not installed, not enabled, or of another instance', () => {
      expect(looksAt([])).toMatchObject({
        ok: false,
        text: expect.stringContaining('postsnap.timer is not installed'),
      });
      expect(looksAt([], INSTALL)).toMatchObject({
        ok: false,
        text: 'postsnap.timer is installed, and not enabled. Enable it: `systemctl enable --now postsnap.timer`.',
      });
      const enabled = [INSTALL, 'systemctl --root=/ enable postsnap.timer'];
      expect(looksAt([], ...enabled)).toMatchObject({ ok: true, text: 'postsnap.timer is enabled' });
    });
  });
});

describe('the units', () => {
  test.each(timers)('%s starts a service, spread and also after a time off', (name) => {
    expect(services).toContain(name.replace(/\.timer$/u, '.service'));
    expect(textOf(name)).toMatch(/^RandomizedDelaySec=\d+(?:min|h)$/mu);
    expect(textOf(name)).toMatch(/^Persistent=true$/mu);
  });

  test.each(timers)('%s is disabled and stopped when the package goes', (name) => {
    const script = readFileSync(join(PACKAGING, 'debian', 'prerm'), 'utf8');
    expect(script).toMatch(new RegExp(`disable .*${name.replace('.', '\\.')}`, 'u'));
    expect(script.includes(`stop '${name.replace('@', '@*')}'`)).toBe(isTemplate(name));
  });

  // inet_addr_local.c: without it every command of Postfix ends in "getifaddrs: Address family not supported by protocol".
  test.each(services.filter((name) => !name.includes('failed')))('%s lets Postfix ask for addresses', (name) => {
    expect(textOf(name)).toMatch(/^RestrictAddressFamilies=.*\bAF_NETLINK\b/mu);
  });

  test.each(services.filter((name) => !name.includes('failed')))('%s tells of a failure', (name) => {
    expect(textOf(name)).toMatch(/^OnFailure=postsnap-failed@%n\.service$/mu);
  });
});

describe('the commands that are run at night', () => {
  /** The arguments behind postsnap, of a unit or of a line of cron. */
  const commandsIn = (text: string, before: RegExp) =>
    text
      .split('\n')
      .filter((line) => before.test(line))
      .map((line) => line.replace(/^.*postsnap /u, '').split(' '));

  test('do what they say with nothing but the configuration file, silently', () => {
    const [source, store, file] = ['queue', 'store', 'postsnap.toml'].map((name) => join(scratch, name));
    makeSampleQueue(source ?? '');
    mkdirSync(store ?? '', { mode: 0o700 });
    writeFileSync(file ?? '', `store = "main"\n[stores.main]\npath = "${store}"\nkeep-daily = 7\n`);
    const environment = { POSTSNAP_CONFIGURATION: file ?? '' };
    const ofUnits = services
      .filter((name) => !isTemplate(name))
      .flatMap((name) => commandsIn(textOf(name), /^ExecStart=\/usr\/bin\/postsnap /u));
    const ofCron = commandsIn(readFileSync(join(PACKAGING, 'cron.d', 'postsnap'), 'utf8'), /^\d.* postsnap /u);
    const order = ['backup', 'drill', 'prune'];
    const commands = [...ofUnits, ...ofCron].toSorted(([a = ''], [b = '']) => order.indexOf(a) - order.indexOf(b));
    expect(commands.map(([name]) => name)).toEqual(['backup', 'backup', 'drill', 'drill', 'prune']);
    for (const [name = '', ...args] of commands) {
      const installation = name === 'prune' ? [] : [...queueOptions(source ?? ''), '-o', 'myhostname=mx.example.org'];
      const place = name === 'drill' ? ['--directory', scratch] : [];
      // Postfix judges a drill of root: it wants another owner than root, and another group than his.
      const owner = process.getuid?.() === 0 ? ['-o', 'mail_owner=daemon', '-o', 'setgid_group=mail'] : [];
      const given = name === 'drill' ? [...installation.slice(2), ...owner] : installation;
      const ended = postsnap([name, ...args, ...given, ...place], { environment });
      expect({ name, ...ended }).toMatchObject({ name, status: 0, stdout: '', stderr: '' });
    }
  });
});

/** Whose license the package has. */
function namedInCopyright(file: string): string[] {
  const directory = mkdtempSync(join(scratch, 'package-'));
  expect(spawnSync('dpkg-deb', ['--extract', file, directory]).status).toBe(0);
  const text = readFileSync(join(directory, 'usr/share/doc/postsnap/copyright'), 'utf8');
  return [...text.matchAll(/^The package holds code of (.+):$/gmu)].map(([, name = '']) => name);
}

/** What the lock file installs for those who only run postsnap. */
function bundled(): string[] {
  const { packages } = JSON.parse(readFileSync(LOCK_FILE, 'utf8'));
  return Object.entries<Partial<Record<'dev' | 'devOptional' | 'optional', boolean>>>(packages)
    .filter(([path, { dev, devOptional, optional }]) => path !== '' && !(dev ?? devOptional ?? optional ?? false))
    .map(([path]) => path.replace('node_modules/', ''))
    .toSorted();
}

describeWithProgram('lintian', 'the Debian package', () => {
  test('has no error that lintian knows of', { timeout: 300_000 }, () => {
    const made = spawnSync(process.execPath, [MAKE_PACKAGE, scratch], { encoding: 'utf8' });
    expect(made).toMatchObject({ status: 0, stderr: '' });
    const file = made.stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(namedInCopyright(file)).toEqual(bundled());
    const { status, stdout } = spawnSync('lintian', ['--fail-on', 'error', file], { encoding: 'utf8' });
    expect({ status, errors: stdout.split('\n').filter((line) => line.startsWith('E:')) }).toEqual({
      status: 0,
      errors: [],
    });
  });
});

describeWithProgram('promtool', 'the alerts', () => {
  test('are what promtool takes, and alert when they should', () => {
    const cwd = join(PACKAGING, 'prometheus');
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'postsnap.rules.test.yml'], {
      cwd,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: expect.stringContaining('SUCCESS') });
  });

  test('ask for metrics that are written', () => {
    const asked =
      readFileSync(join(PACKAGING, 'prometheus', 'postsnap.rules.yml'), 'utf8').match(/postsnap_\w+/gu) ?? [];
    const written = readFileSync(
      fileURLToPath(new URL('../../src/cli/output/metrics-file.ts', import.meta.url)),
      'utf8',
    );
    for (const name of new Set(asked)) {
      expect(written).toContain(`'${name}'`);
    }
  });
});

describe('the dashboard for Grafana', () => {
  interface Panel {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: Readonly<Record<'h' | 'w' | 'x' | 'y', number>>;
    readonly targets: readonly { readonly refId: string; readonly expr: string }[];
  }
  const dashboard = JSON.parse(readFileSync(join(PACKAGING, 'grafana', 'postsnap.json'), 'utf8')) as {
    readonly title: string;
    readonly schemaVersion: number;
    readonly panels: readonly Panel[];
  };

  test('has what Grafana asks of one, and no panel lies over another', () => {
    const { title, schemaVersion, panels } = dashboard;
    expect([title, Number.isInteger(schemaVersion)]).toEqual(['postsnap', true]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
    for (const { gridPos, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(targets.map(({ refId }) => refId)).toEqual(['A']);
    }
  });

  test('asks for metrics that are written', () => {
    const source = new URL('../../src/cli/output/metrics-file.ts', import.meta.url);
    const written = readFileSync(fileURLToPath(source), 'utf8');
    const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => /postsnap_\w+/u.exec(expr)?.[0]));
    expect(asked).toHaveLength(dashboard.panels.length);
    for (const name of asked) {
      expect(written).toContain(`'${name}'`);
    }
  });
});
