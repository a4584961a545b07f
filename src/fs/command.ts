import { spawnSync } from 'node:child_process';

export interface CommandOutcome {
  /** The exit status; undefined if a signal ended the command. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

// cron's PATH is /usr/bin:/bin, and Postfix's commands are in sbin.
const SYSTEM_DIRECTORIES = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';
const MAXIMUM_OUTPUT = 16 * 1024 * 1024;

/**
 * Runs a system command to its end, without a shell, in the C locale and with no other environment than PATH, so that
 * settings like MAIL_CONFIG hold only where they are passed on by name.
 *
 * @returns undefined where the command is not installed
 */
export function runCommand(command: string, commandArguments: readonly string[]): CommandOutcome | undefined {
  const result = spawnSync(command, commandArguments, {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: SYSTEM_DIRECTORIES },
    maxBuffer: MAXIMUM_OUTPUT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.error !== undefined) {
    if ('code' in result.error && result.error.code === 'ENOENT') {
      return undefined;
    }
    throw result.error;
  }
  return { status: result.status ?? undefined, stdout: result.stdout, stderr: result.stderr };
}
