import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { COMMAND } from './command.ts';
import { commandForAnybody } from './for-anybody.ts';

/** How a run of the built command ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Instead of the built command of this checkout. */
  readonly command?: string;
  /** In a process group of its own, so that a signal can be sent to all of it, as a terminal does. */
  readonly ownGroup?: boolean;
  /** Open files that the command inherits, from descriptor 3 on. */
  readonly descriptors?: readonly number[];
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly hasEnded: () => boolean;
  /** What it has written to stderr until now. */
  readonly stderrSoFar: () => string;
}

function usualCommand({ uid }: Surroundings): string {
  return uid === undefined ? COMMAND : commandForAnybody();
}

/** Starts the built command. */
export function start(args: readonly string[], surroundings: Surroundings = {}): Running {
  const {
    environment,
    ownGroup = false,
    descriptors = [],
    command = usualCommand(surroundings),
    ...user
  } = surroundings;
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, MAIL_CONFIG: '', TZ: 'UTC', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    detached: ownGroup,
    ...user,
  });
  let [stdout, stderr, over] = ['', '', false];
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => {
      over = true;
    });
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  if (child.pid === undefined) {
    throw new Error(`${process.execPath} can't be started`);
  }
  return { pid: child.pid, ended, hasEnded: () => over, stderrSoFar: () => stderr };
}

/** Runs the built command to its end, with one thread, since several tests run at once. */
export function runToEnd(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const environment = { POSTSNAP_WORKERS: '1', ...surroundings.environment };
  return start(args, { ...surroundings, environment }).ended;
}

/** The processes that a process has started. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    return [];
  }
}

/** Kills a run of the command with the process of mail_owner's that works for it, as a power loss would. */
export function killAll(pid: number): void {
  const children = childrenOf(pid);
  for (const each of [pid, ...children]) {
    signalTo(each, 'SIGKILL');
  }
}

/** Sends a signal; a process that has ended meanwhile is none to complain about. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
