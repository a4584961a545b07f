/** The process that is mail_owner: it does one work for root's process, which has started it, and ends. */

import { SYSTEM_CLOCK_AND_CHANCE } from '../clock-and-chance.ts';
import { InterruptedError, OperatorError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { ensureStateDirectory } from '../journal/state-directory.ts';
import type { OperationEvent } from '../operation.ts';
import { isOnly } from './identity.ts';
import { isWorkingDirectory, ownFileSystem, withRootsReading } from './owner-file-system.ts';
import { DOOR, decodeStart, type OwnerStart, PROGRAM } from './owner-start.ts';
import type { OwnerSurroundings } from './owner-work.ts';
import { mendingThrough, RootDoor, readingThrough, submissionsThrough } from './root-door.ts';
import { Teller } from './teller.ts';

/** A work, whose setup is what its own caller in root's process has given. */
type AnyWork = {
  run(setup: never, surroundings: OwnerSurroundings<unknown>): Promise<unknown>;
};

/** Does the work that root names. Ends the process. */
export async function serveAsOwner(
  works: Readonly<Record<OwnerStart['work'], AnyWork>>,
  program: string,
): Promise<never> {
  const door = new RootDoor(nodeFileSystem, DOOR);
  const teller = new Teller(door, SYSTEM_CLOCK_AND_CHANCE.clock);
  process.on('uncaughtException', (error) => end(teller, { error }));
  try {
    nodeFileSystem.close(PROGRAM);
    const start = decodeStart(door.receive());
    refuseIfMore(start.owner);
    const surroundings = surroundingsOf({ start, door, teller, program, signal: leash() });
    const report = await works[start.work].run(setupOf(start), surroundings);
    return end(teller, { report });
  } catch (error) {
    return end(teller, { error });
  }
}

/** Both ends name the same work: its setup is what its type says. */
function setupOf({ setup }: OwnerStart): never {
  return setup as never;
}

function end(teller: Teller, outcome: { readonly report: unknown } | { readonly error: unknown }): never {
  try {
    teller.end(outcome);
  } catch {
    // There is nobody left to tell.
  }
  process.exit('report' in outcome ? 0 : 1);
}

/** libuv gives groups up without a look at the answer. */
function refuseIfMore(owner: OwnerStart['owner']): void {
  if (!isOnly(owner)) {
    const now = `uid ${process.geteuid?.()}, groups ${process.getgroups?.().join(' ')}`;
    throw new OperatorError('not-permitted', `root could not give up all its rights for uid ${owner.uid}: ${now}`, {
      nextStep: 'Give it the capability CAP_SETGID, or run it as mail_owner.',
    });
  }
}

/** Aborted when root's process asks for it, or is gone. The terminal's signals are for that one to act on. */
function leash(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new InterruptedError());
  process.stdin.on('data', stop).on('end', stop).on('error', stop);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => undefined);
  }
  return controller.signal;
}

interface Parts {
  readonly start: OwnerStart;
  readonly door: RootDoor;
  readonly teller: Teller;
  readonly program: string;
  readonly signal: AbortSignal;
}

function surroundingsOf({ start, door, teller, program, signal }: Parts): OwnerSurroundings<unknown> {
  const { queueDirectory, task, files, output, doors, owner } = start;
  const isReachable = isWorkingDirectory(nodeFileSystem, queueDirectory);
  const own = ownFileSystem({ queueDirectory, isReachable });
  const reads = task === 'read' || task === 'repair';
  const fs = reads ? withRootsReading(own, queueDirectory, readingThrough(door)) : own;
  return {
    fs,
    control: { signal, onEvent: (event: OperationEvent) => teller.event(event) },
    files,
    output: { write: (bytes) => nodeFileSystem.write(demandOutput(output), bytes) },
    tell: (row) => teller.row(row),
    makeStateDirectory: () =>
      makeStateDirectory(own, { queueDirectory, owner, door, isRoots: task === 'place' || task === 'repair' }),
    submissions: task === 'place' ? submissionsThrough(door) : undefined,
    mending: task === 'repair' ? mendingThrough(door) : undefined,
    threads: { program, rights: { queueDirectory, isReachable, doors } },
  };
}

function demandOutput(output: number | undefined): number {
  if (output === undefined) {
    throw new Error('this work has no output');
  }
  return output;
}

interface StateDirectory extends Pick<OwnerStart, 'queueDirectory' | 'owner'> {
  readonly door: RootDoor;
  readonly isRoots: boolean;
}

/** Root makes it only where nobody else can put something in its place. */
function makeStateDirectory(fs: FileSystem, { queueDirectory, owner, door, isRoots }: StateDirectory): void {
  if (isRoots) {
    door.ask({ ask: 'state-directory' }, 'done');
  } else {
    ensureStateDirectory(fs, queueDirectory, owner);
  }
}
