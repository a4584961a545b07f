import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Uint8Array;
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program without a shell and collects what it says. A death by signal counts as status 255. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runForBytes(program, args, options);
  return { ...result, stdout: result.stdout.toString('utf8') };
}

export interface RawCommandResult {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export function runForBytes(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<RawCommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC', ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    // A program may exit without reading its input.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      resolve({
        status: code ?? 255,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** As run(), but a status other than 0 is an error that shows what the program said. */
export async function runOrFail(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await run(program, args, options);
  if (result.status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: status ${result.status}\n${result.stdout}${result.stderr}`);
  }
  return result;
}
