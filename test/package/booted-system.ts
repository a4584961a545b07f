/** A Debian system whose systemd runs, as the first process of namespaces of its own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BOOT = fileURLToPath(new URL('boot.sh', import.meta.url));
const BOOT_TIMEOUT_MS = 120_000;

/** How a command in it ended. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

export class BootedSystem {
  readonly #machine: ChildProcess;
  readonly #group: string;
  readonly #init: number;

  private constructor(machine: ChildProcess, group: string, init: number) {
    this.#machine = machine;
    this.#group = group;
    this.#init = init;
  }

  /** Returns when all units of the start have been tried. */
  static async boot(root: string): Promise<BootedSystem> {
    const group = `postsnap-${randomUUID()}`;
    const machine = spawn('unshare', ['--mount', 'sh', BOOT, root, group], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    machine.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    for (const deadline = Date.now() + BOOT_TIMEOUT_MS; Date.now() < deadline; await sleep(200)) {
      const init = machine.exitCode === null ? firstProcessBelow(machine.pid) : undefined;
      const system = init === undefined ? undefined : new BootedSystem(machine, group, init);
      if (system?.run('systemctl is-system-running').output.match(/^(?:running|degraded)$/mu)) {
        return system;
      }
    }
    machine.kill('SIGKILL');
    throw new Error(`systemd did not start: ${said}`);
  }

  /** Runs a script of the shell as root of that system; stdout and stderr as one. */
  run(script: string): Ended {
    const where = ['--target', String(this.#init), '--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup'];
    const command = ['env', '-i', 'PATH=/usr/sbin:/usr/bin', 'HOME=/root', 'sh', '-euc', `exec 2>&1; ${script}`];
    const { status, stdout } = spawnSync('nsenter', [...where, '--', ...command], { encoding: 'utf8' });
    return { status, output: stdout };
  }

  /** Ends all of its processes. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#machine.once('exit', resolve));
    process.kill(this.#init, 'SIGKILL');
    await ended;
    const remove = `mount -t cgroup2 cgroup2 /mnt && find "/mnt/$1" -depth -type d -exec rmdir {} +`;
    spawnSync('unshare', ['--mount', 'sh', '-euc', remove, 'sh', this.#group]);
  }
}

/** systemd, once it has become the program that unshare(1) has started. */
function firstProcessBelow(pid: number | undefined): number | undefined {
  try {
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
    return readFileSync(`/proc/${child}/comm`, 'utf8') === 'systemd\n' ? child : undefined;
  } catch {
    return undefined;
  }
}
