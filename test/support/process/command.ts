import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../../bin/postsnap.js', import.meta.url));

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as it came. */
  readonly bytes: Buffer;
}

export interface CommandSurroundings {
  readonly input?: Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of a pipe. */
  readonly stdout?: number;
  /** The working directory. */
  readonly directory?: string;
}

/**
 * Runs the built command, as a shell would: with one thread, since several tests run at once. It takes as many as there
 * are processors where start() runs it (process.ts).
 */
export function postsnap(args: readonly string[], surroundings: CommandSurroundings = {}): CommandResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    input: surroundings.input ?? '',
    cwd: surroundings.directory,
    env: { ...process.env, MAIL_CONFIG: '', TZ: 'UTC', POSTSNAP_WORKERS: '1', ...surroundings.environment },
    stdio: ['pipe', surroundings.stdout ?? 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
  const bytes = surroundings.stdout === undefined ? stdout : Buffer.alloc(0);
  return { status, stdout: bytes.toString(), stderr: stderr.toString(), bytes };
}

export { COMMAND };
