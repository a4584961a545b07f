/** Commands of the system, run to their end. */

import { spawnSync } from 'node:child_process';

export interface CommandOutcome {
  /** The exit status; undefined if a signal ended the command. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

// cron's PATH is /usr/bin:/bin, and Postfix's commands are in sbin.
export const SYSTEM_DIRECTORIES = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';
const MAXIMUM_OUTPUT = 16 * 1024 * 1024;

// What a terminal or a service manager sends to all processes of a group. It is for this process to act on, which it does
// once the command has ended; the command itself is given again, so that its death is not taken for a failure.
const GROUP_SIGNALS: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);
const ATTEMPTS = 3;

/**
 * Runs a system command to its end, without a shell, in the C locale and with no other environment than PATH, so that
 * settings like MAIL_CONFIG hold only where they are passed on by name.
 *
 * The command must be one that can be given twice.
 *
 * @returns undefined where the command is not installed
 */
export function runCommand(command: string, commandArguments: readonly string[]): CommandOutcome | undefined {
  for (let attempt = 1; ; attempt += 1) {
    const { signal, outcome } = runOnce(command, commandArguments);
    if (attempt === ATTEMPTS || !GROUP_SIGNALS.has(signal ?? '')) {
      return outcome;
    }
  }
}

/** Longer than any logger takes that is not stuck. */
const FEEDING_MS = 20_000;

/**
 * As {@link runCommand}, for a command that reads a text from its standard input, and that is given once. One that hangs
 * is killed.
 */
export function feedCommand(
  command: string,
  commandArguments: readonly string[],
  input: string,
): CommandOutcome | undefined {
  return runOnce(command, commandArguments, { input, timeout: FEEDING_MS }).outcome;
}

function runOnce(
  command: string,
  commandArguments: readonly string[],
  fed?: { readonly input: string; readonly timeout: number },
): { readonly signal: string | null; readonly outcome: CommandOutcome | undefined } {
  const result = spawnSync(command, commandArguments, {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: SYSTEM_DIRECTORIES },
    maxBuffer: MAXIMUM_OUTPUT,
    stdio: [fed === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...fed,
  });
  const code = result.error !== undefined && 'code' in result.error ? result.error.code : undefined;
  if (code === 'ENOENT') {
    return { signal: null, outcome: undefined };
  }
  // EPIPE: it did not read all. What it says tells why.
  if (result.error !== undefined && (fed === undefined || (code !== 'ETIMEDOUT' && code !== 'EPIPE'))) {
    throw result.error;
  }
  const { status, signal, stdout, stderr } = result;
  return { signal, outcome: { status: status ?? undefined, stdout, stderr } };
}
