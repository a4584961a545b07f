/** Starts a process that is mail_owner. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../errors.ts';
import { type Capability, missingCapabilities } from '../fs/capabilities.ts';
import { inheritedDescriptors } from '../fs/inherited-descriptors.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf, systemError } from '../fs/system-error.ts';
import type { Account } from '../postfix/accounts.ts';
import { FIRST_OTHER, PROGRAM } from './owner-start.ts';

export interface OwnerSpawn {
  readonly owner: Account;
  /** Absolute: its working directory, entered with root's rights. */
  readonly queueDirectory: string;
  /** Its descriptors behind the fixed ones: sockets to this process, or open files. */
  readonly extra: readonly ('pipe' | number)[];
  /** Another program than the one that the build makes. */
  readonly program?: string;
}

/** One file with all that runs as mail_owner, threads included. Made by the build. */
const PROGRAM_PATH = fileURLToPath(new URL('../../dist/owner/program.cjs', import.meta.url));

/** Reads the program from its descriptor, and runs it. In the file that is all of postsnap it is the last line. */
const BOOT = `const file = require('fs').readFileSync(${PROGRAM}, 'utf8'), module_ = { exports: {} };
const line = file.lastIndexOf('\\n//owner '), text = line < 0 ? file : JSON.parse(file.slice(line + 9));
require('vm').compileFunction(text, ['require', 'module', 'exports', '__filename'], { filename: 'postsnap-owner.cjs' })(
  require, module_, module_.exports, '/postsnap-owner.cjs');
module_.exports.main(text);`;

/**
 * Starts the process.
 *
 * @throws OperatorError `not-permitted`: this process may not become the owner
 */
export async function spawnOwner(options: OwnerSpawn): Promise<ChildProcess> {
  const program = openProgram(options.program ?? PROGRAM_PATH);
  try {
    return (await attempt(process.execPath, options, [program])) ?? (await spawnByDescriptor(options, program));
  } catch (error) {
    throw explained(error, options);
  } finally {
    nodeFileSystem.close(program);
  }
}

/** Where mail_owner can't enter the directory of Node.js: the open file itself is run. */
async function spawnByDescriptor(options: OwnerSpawn, program: number): Promise<ChildProcess> {
  const node = nodeFileSystem.open(process.execPath, O_RDONLY | O_NONBLOCK);
  const last = FIRST_OTHER + options.extra.length;
  try {
    const child = await attempt(`/proc/self/fd/${last}`, options, [program, node]);
    if (child === undefined) {
      throw new OperatorError('not-permitted', `mail_owner (uid ${options.owner.uid}) may not run Node.js`, {
        path: process.execPath,
        nextStep: 'Make that file readable and executable for all users.',
      });
    }
    return child;
  } finally {
    nodeFileSystem.close(node);
  }
}

/** Undefined where the owner may not run that file. */
async function attempt(
  command: string,
  { owner, queueDirectory, extra }: OwnerSpawn,
  [program, ...behind]: readonly number[],
): Promise<ChildProcess | undefined> {
  const stdio = ['pipe', 'ignore', 'pipe', 'pipe', program, ...extra, ...behind] as const;
  const child = spawn(command, [...memoryBounds(), '--input-type=commonjs', '--eval', BOOT], {
    uid: owner.uid,
    gid: owner.gid,
    cwd: queueDirectory,
    env: environmentOf(process.env),
    // Its own session: no terminal of root's can be its controlling one, and so be typed into.
    detached: true,
    stdio: [...stdio, ...nothingFrom(stdio.length)],
  });
  try {
    await once(child, 'spawn');
    return child;
  } catch (error) {
    if (errnoOf(error) === 'EACCES') {
      return undefined;
    }
    throw error;
  }
}

/** More than anybody leaves open. */
const DESCRIPTOR_MAXIMUM = 4096;

/** What stands in the place of descriptors that this process has inherited: they are root's, and not for mail_owner. */
function nothingFrom(first: number): 'ignore'[] {
  const inherited = inheritedDescriptors().filter((fd) => fd >= first && fd < DESCRIPTOR_MAXIMUM);
  return Array.from({ length: Math.max(first - 1, ...inherited) + 1 - first }, () => 'ignore');
}

function openProgram(path: string): number {
  try {
    return nodeFileSystem.open(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    throw systemError(error, {
      action: "can't read the program for mail_owner,",
      path,
      nextStep: 'Build it: npm run build.',
    });
  }
}

const SEMI_SPACE = '--max-semi-space-size=';

/** What bounds the memory of this process bounds that one's. */
function memoryBounds(): string[] {
  const given = process.execArgv.filter((option) => option.startsWith('--max-'));
  return given.some((option) => option.startsWith(SEMI_SPACE)) ? given : [...given, `${SEMI_SPACE}8`];
}

const PASSED_ON = ['LD_LIBRARY_PATH', 'MALLOC_ARENA_MAX', 'TZ'];

/**
 * The environment of a process can be read by all of its user: it gets little of root's. A library that was put before all
 * others takes its settings from there, so with one everything is passed on.
 */
function environmentOf(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (own['LD_PRELOAD'] !== undefined && own['LD_PRELOAD'] !== '') {
    return own;
  }
  const passed = PASSED_ON.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  return { MALLOC_ARENA_MAX: '2', ...Object.fromEntries(passed) };
}

const NEEDED: readonly Capability[] = ['CAP_SETUID', 'CAP_SETGID'];

function explained(error: unknown, { owner, queueDirectory }: OwnerSpawn): unknown {
  const errno = errnoOf(error);
  const who = `uid ${owner.uid}, gid ${owner.gid}`;
  if (errno === 'EPERM') {
    const missing = missingCapabilities(NEEDED);
    const lack = missing.length === 0 ? 'the system refuses it' : `it lacks ${missing.join(' and ')}`;
    return new OperatorError('not-permitted', `root can't become mail_owner (${who}): ${lack}`, {
      nextStep: `Run it as mail_owner, or give it the capabilities ${NEEDED.join(' and ')}.`,
      cause: error,
    });
  }
  if (errno === 'EINVAL') {
    return new OperatorError('not-permitted', `root can't become mail_owner: ${who} is not in this user namespace`, {
      nextStep: 'Map that user into the namespace (user_namespaces(7)), or run it outside.',
      cause: error,
    });
  }
  return systemError(error, { action: "can't start a process with mail_owner's rights in", path: queueDirectory });
}
