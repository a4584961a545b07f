/**
 * What `check-config` looks at, from the file to the timer: each point is right or wrong by itself, so that all that is
 * wrong is told at once. Nothing is changed; a file is made in the store, and removed again.
 */

import { join } from 'node:path';
import { OperatorError } from '../../errors.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { systemError } from '../../fs/system-error.ts';
import {
  type ConfigurationOptions,
  type PostfixConfiguration,
  readConfiguration,
} from '../../postfix/configuration.ts';
import { MESSAGE_QUEUES } from '../../queue/queue-name.ts';
import { type StoredSnapshot, snapshotsIn } from '../../store/snapshot.ts';
import type { Store } from '../../store/store.ts';
import { nextStepOf, withNextStep } from '../output/next-step.ts';
import { formatBytes } from '../output/quantity.ts';
import type { QueueCommands } from '../output/queue-commands.ts';
import { isForeseen } from '../process/exit-status.ts';
import { type ConfigurationFile, readConfigurationFile } from './configuration-file.ts';
import type { Schedule } from './schedule.ts';
import { SECRET_KEYS } from './setting-keys.ts';

export type PointName = 'configuration' | 'postfix' | 'queue' | 'store' | 'room' | 'clock' | 'schedule';

/** One thing that was looked at. */
export interface Point {
  readonly name: PointName;
  readonly ok: boolean;
  /** What was found; of what is wrong, with the next step. */
  readonly text: string;
}

export interface PointsOptions {
  readonly fs: FileSystem;
  /** The configuration file that is named. */
  readonly file: string | undefined;
  readonly installation: ConfigurationOptions;
  /** Throws where none is named. */
  readonly store: () => Store;
  readonly schedule: () => Schedule;
  readonly now: number;
  /** Those that are told as a next step. */
  readonly commands: QueueCommands;
}

/** Looks at all points, in the order in which they depend on each other. */
export async function checkPoints(options: PointsOptions): Promise<Point[]> {
  const points = [...(await configurationPoints(options))];
  const postfix = await attempt('postfix', options, () => postfixPoint(options));
  points.push(...postfix.points);
  if (postfix.value !== undefined) {
    const { queueDirectory } = postfix.value;
    points.push(...(await attempt('queue', options, () => queuePoint(options, queueDirectory))).points);
  }
  const store = points.some(({ name, ok }) => name === 'configuration' && !ok) ? unreadStore(options) : undefined;
  points.push(...(store === undefined ? await storePoints(options) : [store]), schedulePoint(options));
  return points;
}

interface Attempt<Value> {
  readonly points: readonly Point[];
  readonly value: Value | undefined;
}

/** What postsnap foresees is wrong with the point. */
async function attempt<Value>(
  name: PointName,
  { commands }: Pick<PointsOptions, 'commands'>,
  look: () =>
    | Promise<{ readonly text: string; readonly value: Value }>
    | { readonly text: string; readonly value: Value },
): Promise<Attempt<Value>> {
  try {
    const { text, value } = await look();
    return { points: [right(name, text)], value };
  } catch (error) {
    const told = systemError(error, { action: "can't look at", path: pathOf(error) });
    if (!isForeseen(told)) {
      throw error;
    }
    return { points: [wrong(name, told.message, nextStepOf(told, commands))], value: undefined };
  }
}

function pathOf(error: unknown): string {
  return error instanceof Error && 'path' in error ? String(error.path) : 'it';
}

function right(name: PointName, text: string): Point {
  return { name, ok: true, text };
}

function wrong(name: PointName, text: string, nextStep = ''): Point {
  return { name, ok: false, text: withNextStep(text, nextStep) };
}

async function configurationPoints({ fs, file }: PointsOptions): Promise<readonly Point[]> {
  const read = await readConfigurationFile(fs, file);
  if (read === undefined) {
    return [right('configuration', 'there is no file: options and environment alone hold')];
  }
  if (read.faults.length > 0) {
    return read.faults.map(({ line, text }) => wrong('configuration', `${read.path}:${line}: ${text}`));
  }
  return isOpenSecret(fs, read)
    ? [wrong('configuration', `${read.path} holds a secret, and everybody may read it`, `\`chmod o-r ${read.path}\`.`)]
    : [right('configuration', `${read.path} is right`)];
}

const READ_BY_OTHERS = 0o004;

function isOpenSecret(fs: FileSystem, { path, configuration }: ConfigurationFile): boolean {
  const tables = [configuration, ...Object.values(configuration.instances ?? {})];
  const holdsSecret = tables.some((table) => Object.keys(table).some((key) => SECRET_KEYS.has(key)));
  const status = fs.lstat(path);
  return holdsSecret && status?.type === 'file' && (status.mode & READ_BY_OTHERS) !== 0;
}

function postfixPoint({ installation }: PointsOptions): { text: string; value: PostfixConfiguration } {
  const value = readConfiguration(installation);
  const { mailVersion, queueDirectory, configDirectory } = value;
  return { text: `Postfix ${mailVersion} of ${configDirectory ?? 'nowhere'}, queue ${queueDirectory}`, value };
}

function queuePoint({ fs }: PointsOptions, directory: string): { text: string; value: undefined } {
  const found = MESSAGE_QUEUES.filter((queue) => fs.lstat(join(directory, queue)) !== undefined);
  if (found.length === 0) {
    throw new OperatorError(
      'not-found',
      `${directory} has none of Postfix's queues. Is it the right directory, and its disk mounted?`,
      {
        remedy: 'make-queues',
      },
    );
  }
  const names = found.flatMap((queue) => fs.readdir(join(directory, queue)));
  return { text: `${found.length} queues can be read, ${names.length} names in them`, value: undefined };
}

/** Which store it is may stand in the file that can't be gone by. */
function unreadStore({ store }: PointsOptions): Point | undefined {
  try {
    store();
  } catch (error) {
    // Whatever else is wrong with it is told by storePoints().
    if (error instanceof OperatorError && error.code === 'usage') {
      return wrong('store', 'none is known', 'Mend the configuration first: it may name one.');
    }
  }
  return undefined;
}

/** Three archives: the newest, the one that is being written, and one to spare. */
const ARCHIVES_OF_ROOM = 3;

async function storePoints(options: PointsOptions): Promise<readonly Point[]> {
  const { fs, store: open, now } = options;
  const looked = await attempt('store', options, async () => {
    const store = open();
    const snapshots = snapshotsIn(await store.list());
    const draft = await store.draft();
    const room = fs.freeSpace(draft.directory).bytes;
    await draft.discard();
    const text = `${store.name} can be written, ${snapshots.length} snapshots are in it`;
    return { text, value: { room, snapshots } };
  });
  if (looked.value === undefined) {
    return looked.points;
  }
  const { room, snapshots } = looked.value;
  return [...looked.points, roomPoint(room, snapshots), clockPoint(snapshots, now)];
}

function roomPoint(room: bigint, snapshots: readonly StoredSnapshot[]): Point {
  const largest = Math.max(0, ...lastOfEach(snapshots).map(({ bytes }) => bytes));
  const text = `${formatBytes(Number(room))} are free, the newest snapshots have up to ${formatBytes(largest)}`;
  return room >= BigInt(ARCHIVES_OF_ROOM * largest)
    ? right('room', text)
    : wrong('room', text, `Make room for ${ARCHIVES_OF_ROOM} of them, or keep fewer.`);
}

function lastOfEach(snapshots: readonly StoredSnapshot[]): readonly StoredSnapshot[] {
  return [...new Map(snapshots.map((snapshot) => [snapshot.line, snapshot])).values()];
}

/** The clocks of two machines are never quite the same. */
const TOLERANCE_MS = 5 * 60 * 1000;
/** No clock that is right shows less: postsnap is younger. */
const EARLIEST = Date.UTC(2025, 0);

function clockPoint(snapshots: readonly StoredSnapshot[], now: number): Point {
  const later = snapshots.filter(({ time }) => time > now + TOLERANCE_MS);
  const clock = new Date(now).toISOString();
  if (now < EARLIEST) {
    return wrong('clock', `it is ${clock} by the clock`, 'Set it: retention goes by it.');
  }
  return later.length === 0
    ? right('clock', `it is ${clock}, and no snapshot is later`)
    : wrong('clock', `it is ${clock}, and ${later[0]?.key ?? ''} is later`, 'Look which clock is wrong.');
}

function schedulePoint({ schedule }: PointsOptions): Point {
  const { ok, text, nextStep } = schedule();
  return ok ? right('schedule', text) : wrong('schedule', text, nextStep);
}
