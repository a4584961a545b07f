/** What runs the nightly backup: a timer of systemd, or a file for cron. */

import type { runCommand } from '../../fs/command.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { readSmallFile } from '../../fs/small-file.ts';
import { PRIMARY_INSTANCE } from './settings.ts';

const CRON_FILE = '/etc/cron.d/postsnap';
/** sd_booted(3): it is there where systemd runs, and not where it is only installed. */
const BOOTED = '/run/systemd/system';

export interface ScheduleAccess {
  readonly fs: FileSystem;
  readonly run: typeof runCommand;
}

/** What was found; of what is wrong, with the next step. */
export interface Schedule {
  readonly ok: boolean;
  readonly text: string;
  readonly nextStep: string;
}

type UnitState = 'ready' | 'not-started' | 'not-enabled' | 'not-installed';

/** @param instance - as `-i` names it */
export function findSchedule(instance: string | undefined, access: ScheduleAccess): Schedule {
  const isOther = instance !== undefined && instance !== PRIMARY_INSTANCE;
  const cron = inCron(isOther ? instance : undefined, access.fs);
  if (cron !== undefined) {
    return { ok: true, text: `${CRON_FILE} runs ${cron}`, nextStep: '' };
  }
  const units = isOther ? [`postsnap@${instance}.timer`] : ['postsnap.timer'];
  if (isOther && coversAll(access)) {
    units.push('postsnap.timer');
  }
  if (access.fs.lstat(BOOTED) === undefined) {
    return wrong(`systemd does not run here, and ${CRON_FILE} runs no backup`, 'Copy packaging/cron.d/postsnap there.');
  }
  const states = units.map((unit) => [unit, stateOf(unit, access)] as const);
  const [unit, state] = BEST.flatMap((one) => states.filter(([, each]) => each === one))[0] ?? [
    units[0] ?? '',
    undefined,
  ];
  return told(unit, state ?? 'not-installed');
}

const BEST: readonly UnitState[] = ['ready', 'not-started', 'not-enabled', 'not-installed'];

function told(unit: string, state: UnitState): Schedule {
  const enable = `\`systemctl enable --now ${unit}\`.`;
  switch (state) {
    case 'ready':
      return { ok: true, text: `${unit} is enabled`, nextStep: '' };
    case 'not-started':
      return wrong(
        `${unit} is enabled, and not started: it waits for the next start of the system`,
        `Start it: ${enable}`,
      );
    case 'not-enabled':
      return wrong(`${unit} is installed, and not enabled`, `Enable it: ${enable}`);
    case 'not-installed':
      return wrong(
        `${unit} is not installed, and ${CRON_FILE} runs no backup`,
        `Copy packaging/systemd/* to /etc/systemd/system, then ${enable}`,
      );
  }
}

function wrong(text: string, nextStep: string): Schedule {
  return { ok: false, text, nextStep };
}

/** The line of crontab(5) that backs up, of this instance where another than the primary one is meant. */
function inCron(instance: string | undefined, fs: FileSystem): string | undefined {
  const lines = (readSmallFile(fs, CRON_FILE) ?? '').split('\n');
  return lines
    .map((line) => /^[^#]*\b(postsnap\s+backup\b.*)$/u.exec(line)?.[1])
    .find((command) => command !== undefined && (instance === undefined || names(command, instance)));
}

function names(command: string, instance: string): boolean {
  return command.includes('--all-instances') || command.split(/[\s=]+/u).includes(instance);
}

/**
 * systemctl(1): `enabled`, `disabled`, `masked` …, and nothing of a unit that is not there. With --root= it reads the files of
 * the units, and needs no bus.
 */
function stateOf(unit: string, { run }: ScheduleAccess): UnitState {
  const enabled = run('systemctl', ['--root=/', 'is-enabled', unit])?.stdout.trim() ?? '';
  if (enabled === '' || enabled === 'not-found') {
    return 'not-installed';
  }
  if (!enabled.startsWith('enabled')) {
    return 'not-enabled';
  }
  const active = run('systemctl', ['is-active', unit])?.stdout.trim();
  return active === 'inactive' || active === 'failed' ? 'not-started' : 'ready';
}

/** As it ships, the service takes the primary instance alone. */
function coversAll({ run }: ScheduleAccess): boolean {
  return run('systemctl', ['cat', 'postsnap.service'])?.stdout.includes('--all-instances') === true;
}
